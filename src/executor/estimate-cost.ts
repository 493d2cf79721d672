import type { Cost } from '../campaign/brief.ts';

/** A measured correction of an engine's own prediction. */
export interface Calibration {
  /** Measured over predicted seconds, an exponential average. */
  factor: number;
  /** Runs it is made of; 0 means that nothing was measured yet. */
  runs: number;
}

/**
 * Turns an engine's predicted seconds into what people are told: expected, and the ceiling at which the run is
 * stopped. The band is wide until a few runs were measured: 2.5 times before, 1.6 after three. A constant of 10 s
 * covers the start of the process on a busy machine.
 */
export function costBand(
  predictedSeconds: number,
  calibration: Calibration,
  usdPerHour: number | null,
): { expected: Cost; ceiling: Cost } {
  const expectedSeconds = predictedSeconds * calibration.factor;
  const ceilingSeconds = expectedSeconds * (calibration.runs >= 3 ? 1.6 : 2.5) + 10;
  return {
    expected: costOf(expectedSeconds, usdPerHour),
    ceiling: costOf(ceilingSeconds, usdPerHour),
  };
}

/** Dollars are 0 while the price is unknown: then a limit in dollars was never accepted. */
export function costOf(seconds: number, usdPerHour: number | null): Cost {
  return { computeSeconds: seconds, usd: (seconds / 3600) * (usdPerHour ?? 0) };
}
