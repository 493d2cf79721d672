import type { Cost, CostRange } from '../campaign/brief.ts';
import { costOf } from '../campaign/cost.ts';

/** A measured correction of an engine's own prediction. */
export interface Calibration {
  /** Measured over predicted seconds, an exponential average. */
  factor: number;
  /** Runs it is made of; 0 means that nothing was measured yet. */
  runs: number;
  /**
   * Mean square of ln(measured / expected) of runs that were expected with a factor already, an exponential average
   * that starts at `priorSquaredError`. Null: there was none yet.
   */
  squaredError: number | null;
}

/**
 * What runs take against the formulas before any was measured: 0.7 to 1.5 times. 18 LoRA timings of the Qwen README
 * lie at 0.85 to 1.32 of the formula, 12 of QLoRA at 0.77 to 1.16 (`npx vitest run src/executor/estimates`).
 */
const prior = { low: 0.7, high: 1.5 };
/** Nine in ten of a normal distribution lie within so many standard deviations. */
const nineInTen = 1.645;
const priorDeviation = Math.log(prior.high / prior.low) / 2 / nineInTen;
export const priorSquaredError = priorDeviation ** 2;

/** What people are told of a cost before it is known. */
export interface CostBand {
  expected: Cost;
  /** About nine of ten end in here. */
  likely: CostRange;
  /** Where it is stopped. */
  ceiling: Cost;
}

/**
 * Turns an engine's predicted seconds into what people are told: expected, the band in which about nine of ten runs
 * end, and the ceiling at which the run is stopped. Errors are taken as normal in the logarithm, so the band is the
 * published one with its ends raised to the power of the measured deviation over the one that it stands for.
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

/** Measured ratios outside of this say something about the machine and nothing about the next run. */
const believed = { low: 0.05, high: 20 };

/**
 * Folds a run in: measured over predicted seconds, the first taken whole, later ones with weight 0.3. How far off the
 * corrected estimate was counts with weight 0.2, from the second run on: the first is what the correction is made of.
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
