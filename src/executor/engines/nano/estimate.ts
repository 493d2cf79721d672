import { type Architecture, countParameters, nano154k, parameterShapes } from './architecture.ts';
import { type ArenaSettings, planArena } from './arena.ts';
import type { NanoTraining } from './job.ts';
import { countSteps } from './schedule.ts';

/** A sensible first run: full fine-tuning, one pass. */
export const nanoDefaults: NanoTraining = {
  method: 'full',
  learningRate: 1e-3,
  schedule: 'cosine',
  warmupRatio: 0.05,
  weightDecay: 0.01,
  maxGradNorm: 1,
  batchSize: 16,
  epochs: 1,
  completionOnly: true,
  order: 'shuffled',
  precision: 'fp32',
  memoryLimitBytes: 0,
  maxSequenceTokens: nano154k.context,
};

type MemorySettings = Pick<NanoTraining, 'method' | 'lora' | 'batchSize' | 'maxSequenceTokens'>;

/** The arena that training with these settings takes. */
export function trainingArena(training: MemorySettings): ArenaSettings {
  const settings: ArenaSettings = {
    architecture: nano154k,
    training: true,
    batchSize: training.batchSize,
    sequenceTokens: training.maxSequenceTokens,
    decodeRows: 0,
  };
  return training.method === 'lora' && training.lora ? { ...settings, lora: training.lora } : settings;
}

/** Bytes of the training arena: exact, the same number that the memory limit is compared with. */
export function arenaBytes(training: MemorySettings): number {
  return planArena(trainingArena(training)).bytes;
}

/**
 * Positions a run trains on, padding not counted: exact for whole epochs, the mean for the rest.
 * rowLengths: tokens of each row (rowTokens), at most maxSequenceTokens each.
 */
export function trainTokens(rowLengths: readonly number[], batchSize: number, epochs: number): number {
  const rows = rowLengths.length;
  if (rows === 0) return 0;
  const perEpoch = Math.ceil(rows / batchSize);
  const steps = countSteps(rows, batchSize, epochs);
  const examples = Math.floor(steps / perEpoch) * rows + Math.min(rows, (steps % perEpoch) * batchSize);
  const total = rowLengths.reduce((sum, length) => sum + length, 0);
  return Math.round((total / rows) * examples);
}

/** Process start, reading and the retention guard; decoding is extra (about 1 s for 1,000 short answers). */
const startupSeconds = 1;

export function expectedSeconds(tokens: number, tokensPerSecond: number): number {
  return startupSeconds + tokens / tokensPerSecond;
}

export function describeArchitecture(): Architecture & { parameters: number; weightBytes: number } {
  const parameters = countParameters(parameterShapes(nano154k));
  return { ...nano154k, parameters, weightBytes: parameters * 2 };
}
