import type { Brief, TrainingMethod } from '../../../campaign/brief.ts';
import { loraTargets, type TrainingSettings } from '../../../campaign/run-spec.ts';

type Scope = Brief['scope'];

/**
 * LoRA wants five to ten times the rate of full fine-tuning. Five: on the small model ten times (1e-2) gains 8 points
 * over 3e-3, but forgets far beyond the retention guard (general loss +2.2 against +0.2).
 */
export const loraRateFactor = 5;

/** Fewer rows, more passes: about 6,000 examples seen in all, at most eight passes. */
export function epochsFor(rows: number): number {
  if (rows >= 4000) return 1;
  if (rows >= 2000) return 2;
  if (rows >= 1200) return 3;
  return rows >= 500 ? 4 : 8;
}

/** Sensible settings for a first run: the engine's own, by a method that is allowed, for so many rows. */
export function firstTraining(defaults: TrainingSettings, scope: Scope, rows: number): TrainingSettings {
  const method: TrainingMethod = scope.methods.includes(defaults.method)
    ? defaults.method
    : (scope.methods[0] ?? defaults.method);
  return {
    ...withMethod(defaults, method),
    epochs: epochsFor(rows),
    maxSequenceTokens: scope.maxSequenceTokens,
  };
}

export const loraOf = (rank: number): NonNullable<TrainingSettings['lora']> => ({
  rank,
  alpha: rank * 2,
  targets: [...loraTargets],
});

/** The same settings with another method, its learning rate moved along. */
export function withMethod(training: TrainingSettings, method: TrainingMethod, rank = 8): TrainingSettings {
  if (training.method === method)
    return method === 'lora'
      ? { ...training, lora: training.lora ?? loraOf(rank) }
      : { ...training, lora: null };
  const factor = method === 'lora' ? loraRateFactor : 1 / loraRateFactor;
  return {
    ...training,
    method,
    lora: method === 'lora' ? loraOf(rank) : null,
    learningRate: roundRate(training.learningRate * factor),
  };
}

/** Two significant digits, so that equal settings are equal numbers. */
export const roundRate = (rate: number): number => Number(rate.toPrecision(2));

/** 1e-3 for 0.001, 5e-4 for 0.0005. */
export const formatRate = (rate: number): string =>
  rate.toExponential().replace('e+0', '').replace('e+', 'e');

type Knob = [title: string, read: (training: TrainingSettings) => string];

const knobs: Knob[] = [
  ['method', (t) => (t.method === 'lora' ? `LoRA rank ${t.lora?.rank ?? 0}` : 'full')],
  ['learning rate', (t) => formatRate(t.learningRate)],
  ['schedule', (t) => t.schedule],
  ['warm-up', (t) => `${Math.round(t.warmupRatio * 100)}%`],
  ['weight decay', (t) => String(t.weightDecay)],
  ['gradient clip', (t) => (t.maxGradNorm === 0 ? 'off' : String(t.maxGradNorm))],
  ['batch', (t) => String(t.batchSize)],
  ['epochs', (t) => String(t.epochs)],
  ['loss on', (t) => (t.completionOnly ? 'the completion' : 'all tokens')],
  ['order', (t) => t.order.replace('_', ' ')],
  ['precision', (t) => t.precision],
];

/** What changes, for people: `learning rate 1e-3 → 5e-4`. Against the untrained model: the main settings. */
export function trainingChanges(from: TrainingSettings | null, to: TrainingSettings): string[] {
  if (from === null) {
    const method = to.method === 'lora' ? `LoRA rank ${to.lora?.rank ?? 0}` : 'full fine-tuning';
    const passes = `${to.epochs} epoch${to.epochs === 1 ? '' : 's'}`;
    return [`${method}, learning rate ${formatRate(to.learningRate)}, batch ${to.batchSize}, ${passes}`];
  }
  return knobs
    .filter(([, read]) => read(from) !== read(to))
    .map(([title, read]) => `${title} ${read(from)} → ${read(to)}`);
}
