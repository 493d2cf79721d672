import type { Cost, CostLimit } from '../campaign/brief.ts';

/** A measured correction of an engine's own prediction. */
export interface Calibration {
  /** Measured over predicted seconds, an exponential average. */
  factor: number;
  /** Runs it is made of; 0 means that nothing was measured yet. */
  runs: number;
}

/**
 * Turns an engine's predicted seconds into what people are told: expected, and the ceiling at which the run is
 * stopped. The band is wide until a few runs were measured: 2.5 times and 20 s before, 1.7 times and 10 s after two.
 * The constants cover the start of a process on a busy machine (measured: 1 s of work took 13 s beside six others).
 */
export function costBand(
  predictedSeconds: number,
  calibration: Calibration,
  usdPerHour: number | null,
): { expected: Cost; ceiling: Cost } {
  const expectedSeconds = predictedSeconds * calibration.factor;
  const ceilingSeconds = calibration.runs >= 2 ? expectedSeconds * 1.7 + 10 : expectedSeconds * 2.5 + 20;
  return {
    expected: costOf(expectedSeconds, usdPerHour),
    ceiling: costOf(ceilingSeconds, usdPerHour),
  };
}

/** Dollars are 0 while the price is unknown: then a limit in dollars was never accepted. */
export function costOf(seconds: number, usdPerHour: number | null): Cost {
  return { computeSeconds: seconds, usd: (seconds / 3600) * (usdPerHour ?? 0) };
}

/** A ceiling this close to what is expected would stop runs that do nothing wrong. */
const tightestCeiling = 1.3;

/**
 * Lowers ceilings to what the budget has left, when the expected cost still fits with room to spare: a small budget
 * then buys runs with a tight ceiling instead of none. @returns the share that all ceilings are multiplied with, or
 * null when the work does not fit
 */
export function shareOfCeiling(expected: Cost, ceiling: Cost, left: CostLimit): number | null {
  let share = 1;
  for (const side of ['computeSeconds', 'usd'] as const) {
    const cap = left[side];
    if (cap === null || ceiling[side] <= cap) continue;
    if (expected[side] * tightestCeiling > cap) return null;
    share = Math.min(share, cap / ceiling[side]);
  }
  return share;
}
