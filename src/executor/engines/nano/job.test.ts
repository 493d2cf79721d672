import { describe, expect, it } from 'vitest';
import { nanoDefaults } from './estimate.ts';
import { type NanoJob, parseJob } from './job.ts';

const job: NanoJob = {
  v: 1,
  baseModel: 'nano-154k',
  stages: ['probe', 'train', 'predict'],
  training: nanoDefaults,
  seed: 1,
  trainFile: 'train.jsonl',
  predict: [{ split: 'search', file: 'search.jsonl', maxNewTokens: 20 }],
};
const { training: _training, ...untrained } = job;
const lora = { rank: 8, alpha: 16, targets: ['qkv'] };

describe('parseJob', () => {
  it('returns a right job as it is', () => {
    const adapted = {
      ...job,
      training: { ...nanoDefaults, method: 'lora', lora },
      weightsFile: 'w.bin',
      probeSteps: 3,
    };
    expect(parseJob(JSON.parse(JSON.stringify(job)))).toEqual(job);
    expect(parseJob(adapted)).toEqual(adapted);
  });

  it.each([
    ['not an object', [], 'the job must be an object, not [].'],
    ['an unknown field', { ...job, gpu: 1 }, 'the job has fields I do not know: gpu.'],
    ['another version', { ...job, v: 2 }, 'the job: v must be 1, not 2.'],
    ['another model', { ...job, baseModel: 'big' }, 'the job: baseModel must be nano-154k, not "big".'],
    ['no stages', { ...job, stages: [] }, 'the job: stages must be a list that is not empty, not [].'],
    [
      'an unknown stage',
      { ...job, stages: ['pray'] },
      'stages must be a list of probe, train, predict, not "pray".',
    ],
    ['a negative seed', { ...job, seed: -1 }, 'seed must be a whole number from 0 to 4294967295, not -1.'],
    ['no training', untrained, 'The stages probe and train need both training and trainFile.'],
    ['nothing to predict', { ...job, predict: undefined }, 'only one of them is there.'],
    [
      'a split twice',
      { ...job, predict: [job.predict![0], job.predict![0]] },
      'Two predictions name the same split.',
    ],
    [
      'a path as split',
      { ...job, predict: [{ ...job.predict![0], split: '../x' }] },
      'predict[0]: split must be a text like',
    ],
    [
      'a missing rate',
      { ...job, training: { ...nanoDefaults, learningRate: undefined } },
      'training lacks the field learningRate.',
    ],
    [
      'a rate of zero',
      { ...job, training: { ...nanoDefaults, learningRate: 0 } },
      'must be a number above 0 to',
    ],
    [
      'a batch of 1.5',
      { ...job, training: { ...nanoDefaults, batchSize: 1.5 } },
      'a whole number from 1 to 512, not 1.5.',
    ],
    [
      'lora without settings',
      { ...job, training: { ...nanoDefaults, method: 'lora' } },
      'training.lora must be an object',
    ],
    ['full with lora', { ...job, training: { ...nanoDefaults, lora } }, 'but training.method is full'],
    [
      'a target twice',
      { ...job, training: { ...nanoDefaults, method: 'lora', lora: { ...lora, targets: ['up', 'up'] } } },
      'targets must be a list that names each thing once',
    ],
  ])('refuses %s', (_, value, message) => {
    expect(() => parseJob(value)).toThrow(message);
  });
});
