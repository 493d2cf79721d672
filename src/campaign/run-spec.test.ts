import { expect, test } from 'vitest';
import { methodOf, type RunSpec, runSpecHash, type TrainingSettings } from './run-spec.ts';
import { trainingFactors } from './training-factors.ts';

const lora: TrainingSettings = {
  method: 'lora',
  lora: { rank: 8, alpha: 16, targets: ['qkv', 'out'] },
  learningRate: 5e-4,
  schedule: 'cosine',
  warmupRatio: 0.05,
  weightDecay: 0.01,
  maxGradNorm: 1,
  batchSize: 16,
  epochs: 2,
  completionOnly: true,
  order: 'shuffled',
  precision: 'fp32',
  maxSequenceTokens: 128,
  memoryLimitBytes: 512,
};
const qlora: TrainingSettings = { ...lora, lora: { ...lora.lora!, quantized: true } };
const specOf = (training: TrainingSettings | null): RunSpec => ({
  v: 1,
  engine: 'nano',
  baseModel: 'nano-154k',
  training,
  recipeHash: training === null ? null : 'r',
  rowsHash: training === null ? null : 'w',
  splitHashes: { search: 'a', select: 'b', test: 'c' },
  metric: 'exact_match',
  maxNewTokens: 64,
  seed: 3,
});

test('a hash stays what it was: a run that was paid for is not paid for again', () => {
  expect([
    runSpecHash(specOf(null)),
    runSpecHash(specOf(lora)),
    runSpecHash(specOf({ ...qlora, objective: { kind: 'dpo', beta: 0.1 } })),
  ]).toEqual([
    '9dad5333fd4e59b0c5c74cba9f9ca4010d1152dba83fa675e94881294a6209c1',
    '0c522acc04af9e4a612fd9560ec6a04ea6259bc39b8d6d9a9427307105cf8496',
    'eeaf079f6d54da6610a1d4a3d93532d3345949c417e807be2c55be9c0f591531',
  ]);
});

test('QLoRA is LoRA on a quantized base', () => {
  expect([{ ...lora, method: 'full' as const, lora: null }, lora, qlora].map(methodOf)).toEqual([
    'full',
    'lora',
    'qlora',
  ]);
  expect(trainingFactors(lora, qlora)).toEqual(['method lora→qlora']);
});

test('what DPO and GRPO have of their own is evidence too', () => {
  const grpo = (beta: number, generations: number): TrainingSettings => ({
    ...lora,
    objective: { kind: 'grpo', beta, reward: 'exact_match', generations },
  });
  expect(trainingFactors(grpo(0, 8), grpo(0.04, 16))).toEqual([
    'objective.beta 0→0.04',
    'objective.generations 8→16',
  ]);
  expect(trainingFactors(lora, grpo(0, 8))).toEqual(['objective sft→grpo']);
  expect(trainingFactors(grpo(0, 8), grpo(0, 8))).toEqual([]);
});
