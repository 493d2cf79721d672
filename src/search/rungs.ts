import type { RunSpec } from '../campaign/run-spec.ts';
import { canonicalJson } from '../lib/hash.ts';

/** Shares of its training at which a run is compared with comparable ones. */
export const rungs = [0.25, 0.5] as const;

/** The last rung that a run has reached since it was last compared; null when there is none. */
export function rungReached(share: number, judgedShare: number): number | null {
  return rungs.findLast((rung) => rung <= share && rung > judgedShare) ?? null;
}

/** Runs with the same key have comparable losses: same data, amount, objective and batches. Null when none is comparable. */
export function likeness({ engine, baseModel, rowsHash, training }: RunSpec): string | null {
  if (training === null || rowsHash === null || training.objective?.kind === 'grpo') return null;
  const { objective = null, batchSize, epochs, completionOnly, maxSequenceTokens } = training;
  return canonicalJson({
    engine,
    baseModel,
    rowsHash,
    objective,
    batchSize,
    epochs,
    completionOnly,
    maxSequenceTokens,
  });
}

const minOthers = 3;
const clearlyWorse = 1.1;

/**
 * Decides whether a run is too far behind at a rung to be worth the rest of its money. `own` is its loss at the rung,
 * `before` its loss at half the way there, `others` the losses of other runs at the rung. A run is left behind when it
 * would still be behind every other one, and a tenth above their median, after falling once more as far as it fell on
 * the second half of the way: low rates begin slowly and often win. The plain median rule ends good runs too often: in
 * three simulated worlds, in which the loss predicts the score well, fairly and poorly, it ends the best run of eight in
 * 19, 23 and 25 of 100 campaigns, and this rule in 0.05, 0.2 and 1.3; this rule saves 5 % of the compute
 * (`rungs.test.ts`, 2,000 campaigns each).
 * @returns the median of the others when the run should end, else null
 */
export function isLeftBehind(own: number, before: number, others: readonly number[]): number | null {
  if (others.length < minOthers) return null;
  const median = medianOf(others);
  const expected = own - Math.max(0, before - own);
  return expected > Math.max(clearlyWorse * median, ...others) ? median : null;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
