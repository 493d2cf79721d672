import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../lib/hash.ts';
import { loadBaseModel } from './base-model.ts';
import { nanoDefaults, trainingArena } from './estimate.ts';
import { generalLoss } from './general-loss.ts';
import { toHalf } from './half.ts';
import type { NanoTraining } from './job.ts';
import type { Backend } from './kernels/kernels.ts';
import { mergeAdapters } from './merge-adapters.ts';
import { createNetwork, loadWeights, readWeights } from './network.ts';
import { JobFailure } from './outcome.ts';
import { rowSequence } from './sequences.ts';
import { loadPool } from './tasks/tasks.ts';
import { batchOrder, runTraining, type TrainingProgress } from './training.ts';

const base = loadBaseModel();
const lora = {
  rank: 4,
  alpha: 8,
  targets: ['qkv', 'out', 'up', 'down'] as ('qkv' | 'out' | 'up' | 'down')[],
};

interface Run {
  losses: number[];
  weightsSha256: string;
  failure?: JobFailure;
}

async function run(
  change: Partial<NanoTraining>,
  rows = 320,
  seed = 1,
  backend: Backend = 'wasm',
): Promise<Run> {
  const training = { ...nanoDefaults, ...change };
  const network = createNetwork(trainingArena(training), seed, backend);
  loadWeights(network, base.weights);
  const sequences = loadPool('date/noisy')
    .slice(0, rows)
    .map((row) => rowSequence(row, 128, training.completionOnly).sequence);
  const losses: number[] = [];
  const progress: TrainingProgress = { step: 0, steps: 0, tokens: 0, trainLoss: Number.NaN, trainSeconds: 0 };
  const report = ({ loss }: { loss: number }): void => void losses.push(loss);
  let failure: JobFailure | undefined;
  try {
    await runTraining({ network, sequences, training, seed, progress, report, pause: async () => {} });
  } catch (error) {
    if (!(error instanceof JobFailure)) throw error;
    failure = error;
  }
  mergeAdapters(network);
  const weightsSha256 = sha256(toHalf(readWeights(network)));
  return failure ? { losses, weightsSha256, failure } : { losses, weightsSha256 };
}

describe('training', () => {
  it.each([
    ['full', {}],
    ['lora', { method: 'lora' as const, lora, learningRate: 1e-2 }],
  ])('%s: lowers the loss, and gives the same weights for the same seed only', async (_, change) => {
    const [first, again, other] = [await run(change), await run(change), await run(change, 320, 2)];
    expect(first.failure).toBeUndefined();
    expect(first.losses.at(-1)!).toBeLessThan(first.losses[0]! / 2);
    expect(again.weightsSha256).toBe(first.weightsSha256);
    expect(again.losses).toEqual(first.losses);
    expect(other.weightsSha256).not.toBe(first.weightsSha256);
  });

  it('follows the plain JavaScript oracle', async () => {
    const [fast, oracle] = [await run({}, 64), await run({}, 64, 1, 'javascript')];
    for (const [step, loss] of oracle.losses.entries()) expect(fast.losses[step]).toBeCloseTo(loss, 3);
  });

  it('takes the rows in the file order when asked, and in a new order every epoch otherwise', () => {
    const given = batchOrder(5, 2, 'as_given', 1);
    expect([given.next(), given.next(), given.next(), given.next()].map(({ value }) => value)).toEqual([
      [0, 1],
      [2, 3],
      [4],
      [0, 1],
    ]);
    const shuffled = batchOrder(50, 50, 'shuffled', 1);
    const [first, second] = [shuffled.next().value, shuffled.next().value];
    expect(first).not.toEqual(second);
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});

describe('failures', () => {
  it.each([
    ['diverged', { learningRate: 1, warmupRatio: 0 }, /ran away .* at step \d+ of 63 \(learning rate/],
    ['diverged', { learningRate: 0.3, warmupRatio: 0 }, /ran away .* at step \d+ of 63/],
    ['nan', { learningRate: 1e4, maxGradNorm: 0, warmupRatio: 0 }, /gradient norm NaN at step \d of 63/],
    [
      'nan',
      { learningRate: 1, precision: 'fp16' as const, warmupRatio: 0 },
      /An activation reached .* float16 ends at 65504/,
    ],
  ])('ends as %s with %o', async (outcome, change, message) => {
    const { failure, losses } = await run(change, 1000);
    expect(failure?.outcome).toBe(outcome);
    expect(failure?.message).toMatch(message);
    expect(losses.length).toBeLessThanOrEqual(63);
  });

  it('leaves a sensible fp16 run alone', async () => {
    expect((await run({ precision: 'fp16' }, 160)).failure).toBeUndefined();
  });
});

describe('base weights', () => {
  it('have the general loss that their description says', () => {
    expect(generalLoss(base.weights)).toBeCloseTo(base.generalLoss, 3);
  });
});
