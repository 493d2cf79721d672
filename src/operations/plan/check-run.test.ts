import { expect, test } from 'vitest';
import type { RunSpec, TrainingSettings } from '../../campaign/run-spec.ts';
import { createNanoEngine } from '../../executor/nano-engine.ts';
import type { Row } from '../../recipe/types.ts';
import { checkRun } from './check-run.ts';

const engine = createNanoEngine();
const rows: Row[] = [{ prompt: 'a', completion: 'A' }];
const specOf = (training: Partial<TrainingSettings> | null): RunSpec => ({
  v: 1,
  engine: 'nano',
  baseModel: 'nano-154k',
  training: training === null ? null : { ...engine.defaultTraining(), ...training },
  recipeHash: null,
  rowsHash: null,
  splitHashes: { search: '', select: '', test: '' },
  metric: 'exact_match',
  maxNewTokens: 64,
  seed: 3,
});
const check = (training: Partial<TrainingSettings> | null, limitMib = 512, some: Row[] | null = rows) =>
  checkRun(engine, { spec: specOf(training), rows: some, asked: { prompts: 10 } }, limitMib * 2 ** 20);
const refusal = (training: Partial<TrainingSettings>, limitMib?: number, some?: Row[]): unknown => {
  try {
    return check(training, limitMib, some);
  } catch (error) {
    return error;
  }
};

test('what can train has a time and a memory; the untrained model needs no rows', () => {
  expect(check({}).memoryBytes).toBeGreaterThan(1e6);
  expect(check(null, 512, null).seconds).toBeGreaterThan(0);
});

test('a field out of its range is named, before anything else is looked at', () => {
  expect(refusal({ batchSize: 0, learningRate: -1 }, 0, [])).toMatchObject({
    code: 'bad_config',
    message: expect.stringMatching(/training\.learningRate: .*; training\.batchSize: /),
  });
});

test('settings that exclude each other are the engine’s to refuse', () => {
  expect(refusal({ precision: 'bf16' })).toMatchObject({ code: 'bad_config', fault: 'config' });
});

test('rows without anything to learn are the data at fault', () => {
  expect(refusal({}, 512, [])).toMatchObject({ code: 'bad_data', fault: 'data' });
  expect(refusal({}, 512, [{ prompt: 'a', completion: ' ' }])).toMatchObject({
    code: 'bad_data',
    message: expect.stringContaining('All 1 completions are empty'),
  });
  expect(check({}, 512, [{ prompt: 'a', completion: ' ' }, ...rows]).seconds).toBeGreaterThan(0);
});

test('what does not fit into memory is told what would', () => {
  expect(refusal({ batchSize: 128 }, 64)).toMatchObject({
    code: 'out_of_memory',
    message: expect.stringMatching(
      /^It would need \d+ MiB and a run may use 64 MiB\. It would fit with a batch of \d+\.$/,
    ),
  });
  expect(refusal({}, 1)).toMatchObject({
    message: expect.stringContaining('take a smaller model or shorter rows'),
  });
  expect(check({ batchSize: 128 }, 0).memoryBytes).toBeGreaterThan(64 * 2 ** 20);
});
