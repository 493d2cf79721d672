import type { Cost, CostRange } from '../campaign/brief.ts';
import { costOf } from '../campaign/cost.ts';

/** A measured correction of an engine's own prediction. */
export interface Calibration {
  /** Measured over predicted seconds, an exponential average. */
  factor: number;
  /** Number of measured runs in it; 0 means that nothing was measured yet. */
  runs: number;
  /**
   * Mean square of ln(measured / expected) of runs whose expected time had a measured factor, an exponential average
   * that starts at `priorSquaredError`. Null: there was no such run yet.
   */
  squaredError: number | null;
}

/**
 * Range of measured over predicted seconds before any run was measured: 0.7 to 1.5. 18 LoRA timings of the Qwen README
 * lie at 0.85 to 1.32 of the formula, 12 of QLoRA at 0.77 to 1.16 (`npx vitest run src/executor/estimates`).
 */
const prior = { low: 0.7, high: 1.5 };
/** z of a 90 % interval: nine in ten of a normal distribution lie within this many standard deviations. */
const nineInTen = 1.645;
const priorDeviation = Math.log(prior.high / prior.low) / 2 / nineInTen;
export const priorSquaredError = priorDeviation ** 2;

/** A cost as it is shown to people before the work runs. */
export interface CostBand {
  expected: Cost;
  /** About nine runs of ten cost this much. */
  likely: CostRange;
  /** Cost at which the work is stopped. */
  ceiling: Cost;
}

/**
 * Turns an engine's predicted seconds into a cost band: the expected cost, the range in which about nine of ten runs
 * end, and the ceiling at which the run is stopped. Errors are taken as normal in the logarithm, so the band is the
 * published one with its ends raised to the power of the measured deviation over the deviation that it implies.
 * The ceiling is wide until a few runs were measured: 2.5 times and 20 s before, 1.7 times and 10 s after two, and
 * never inside the band. The constants cover the start of a process on a busy machine (measured: 1 s of work took
 * 13 s beside six others).
 */
export function costBand(
  predictedSeconds: number,
  calibration: Calibration,
  usdPerHour: number | null,
): CostBand {
  const expected = predictedSeconds * calibration.factor;
  const spread = Math.sqrt((calibration.squaredError ?? priorSquaredError) / priorSquaredError);
  const high = expected * prior.high ** spread;
  const wide = expected * 2.5 + 20;
  const ceiling = calibration.runs >= 2 ? Math.min(wide, Math.max(expected * 1.7 + 10, high)) : wide;
  return {
    expected: costOf(expected, usdPerHour),
    likely: {
      low: costOf(expected * prior.low ** spread, usdPerHour),
      high: costOf(Math.min(high, ceiling), usdPerHour),
    },
    ceiling: costOf(ceiling, usdPerHour),
  };
}

/** Ratios are clamped to this range: others show trouble of the machine and do not predict the next run. */
const believed = { low: 0.05, high: 20 };

/**
 * Folds a run in: measured over predicted seconds, the first taken whole, later ones with weight 0.3. The error of the
 * corrected estimate counts with weight 0.2, from the second run on: the first run is the correction itself.
 */
export function learnFrom(calibration: Calibration, predictedSeconds: number, seconds: number): Calibration {
  const { factor, runs, squaredError } = calibration;
  const measured = Math.min(believed.high, Math.max(believed.low, seconds / predictedSeconds));
  if (runs === 0) return { factor: measured, runs: 1, squaredError };
  const error = Math.log(measured / factor);
  return {
    factor: 0.7 * factor + 0.3 * measured,
    runs: runs + 1,
    squaredError: 0.8 * (squaredError ?? priorSquaredError) + 0.2 * error ** 2,
  };
}
