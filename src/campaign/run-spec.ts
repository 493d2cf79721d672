import { z } from 'zod';
import { hashOf } from '../lib/hash.ts';
import { metricNames } from '../scoring/types.ts';
import type { TrainingMethod } from './brief.ts';

export const loraTargets = ['qkv', 'out', 'up', 'down'] as const;

/**
 * The training objective in place of the completions themselves. `dpo`: to prefer the completion of a row to its
 * `rejected`. `grpo`: to score well by `reward` against the completion, with `generations` answers a prompt; the batch
 * counts answers. `beta` is the weight of staying close to the base.
 */
const PreferenceObjective = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dpo'), beta: z.number().positive() }),
  z.strictObject({
    kind: z.literal('grpo'),
    beta: z.number().min(0),
    reward: z.enum(metricNames),
    generations: z.int().min(2).max(64),
  }),
]);

/** Hyperparameters of one training run. Learning rate and ratios are plain numbers; `maxGradNorm` 0 turns clipping off. */
export const TrainingSettings = z.strictObject({
  method: z.enum(['full', 'lora']),
  lora: z
    .strictObject({
      rank: z.int().min(1).max(256),
      alpha: z.number().positive(),
      targets: z.array(z.enum(loraTargets)).min(1),
      /** QLoRA: the base in 4 bits. Only engines on GPUs know it. */
      quantized: z.literal(true).optional(),
    })
    .nullable(),
  learningRate: z.number().positive(),
  schedule: z.enum(['cosine', 'linear', 'constant']),
  warmupRatio: z.number().min(0).max(0.9),
  weightDecay: z.number().min(0),
  maxGradNorm: z.number().min(0),
  batchSize: z.int().min(1).max(4096),
  epochs: z.number().positive().max(1000),
  completionOnly: z.boolean(),
  order: z.enum(['shuffled', 'as_given']),
  precision: z.enum(['fp32', 'fp16', 'bf16']),
  /** Unset: the completions of the rows are learned (SFT). */
  objective: PreferenceObjective.optional(),
  maxSequenceTokens: z.int().min(8),
  /** 0 means no cap. */
  memoryLimitBytes: z.int().nonnegative(),
});
export type TrainingSettings = z.infer<typeof TrainingSettings>;

/** The method as briefs and steering name it. */
export const methodOf = ({ method, lora }: Pick<TrainingSettings, 'method' | 'lora'>): TrainingMethod =>
  lora?.quantized ? 'qlora' : method;

/**
 * All inputs that decide a trial's result. The hash of a spec is its identity: a spec is never paid for twice.
 * `training` null is the untrained base model (the root node).
 */
export const RunSpec = z.strictObject({
  v: z.literal(1),
  engine: z.string(),
  baseModel: z.string(),
  training: TrainingSettings.nullable(),
  /** Hash of the recipe and of the exact rows it produced; null for the untrained base. */
  recipeHash: z.string().nullable(),
  rowsHash: z.string().nullable(),
  splitHashes: z.strictObject({ search: z.string(), select: z.string(), test: z.string() }),
  metric: z.enum(metricNames),
  maxNewTokens: z.int().positive(),
  seed: z.int().nonnegative(),
});
export type RunSpec = z.infer<typeof RunSpec>;

export const runSpecHash = (spec: RunSpec): string => hashOf(spec);
