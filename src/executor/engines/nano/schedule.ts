export const schedules = ['cosine', 'linear', 'constant'] as const;
export type Schedule = (typeof schedules)[number];

/** Cosine and linear end at this share of the peak, so that the last steps still count. */
const finalShare = 0.05;

/** Learning rate of step 0..steps-1: linear warm-up over warmupRatio of the steps, then the schedule. */
export function learningRateAt(
  step: number,
  steps: number,
  settings: { learningRate: number; schedule: Schedule; warmupRatio: number },
): number {
  const warmup = Math.round(steps * settings.warmupRatio);
  const rise = Math.min(1, (step + 1) / Math.max(1, warmup));
  const done = Math.min(1, step / Math.max(1, steps));
  const share =
    settings.schedule === 'constant'
      ? 1
      : settings.schedule === 'linear'
        ? 1 - done
        : (1 + Math.cos(Math.PI * done)) / 2;
  return settings.learningRate * rise * (finalShare + (1 - finalShare) * share);
}

/** Optimizer steps of a run: whole batches an epoch, the last one smaller; at least one step. */
export function countSteps(rows: number, batchSize: number, epochs: number): number {
  return Math.max(1, Math.round(Math.ceil(rows / batchSize) * epochs));
}
