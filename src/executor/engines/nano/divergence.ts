const smoothing = 0.9;
const startSteps = 5;
const stepsAboveLimit = 20;
const stepsToRecover = 50;
const recovered = 0.8;

/**
 * Watches for a loss that ran away. `start` is the lowest smoothed loss (exponential average, 0.9) of the first five
 * steps, the limit max(1.5 start, start + 1). After warm-up a run has diverged when its smoothed loss
 * - stays above the limit for 20 steps in a row, or
 * - was above it and is not back below 0.8 start 50 steps later, or at the last step.
 * Measured on date: rates up to 0.1 pass (poorly), 0.3 meets the second rule, 1 the first. A learning run is below its
 * start within a few steps, however noisy.
 *
 * @returns a function of (step from 1, loss of the step): the smoothed loss once diverged, else undefined.
 */
export function createDivergenceWatch(
  steps: number,
  warmupSteps: number,
): (step: number, loss: number) => number | undefined {
  let smoothed = Number.NaN;
  let start = Number.NaN;
  let above = 0;
  let spikeAt: number | undefined;
  return (step, loss) => {
    smoothed = Number.isNaN(smoothed) ? loss : smoothing * smoothed + (1 - smoothing) * loss;
    if (step <= startSteps) start = Number.isNaN(start) ? smoothed : Math.min(start, smoothed);
    if (step <= Math.max(startSteps, warmupSteps)) return undefined;
    const isAbove = smoothed > Math.max(1.5 * start, start + 1);
    above = isAbove ? above + 1 : 0;
    if (isAbove) spikeAt ??= step;
    else if (smoothed < recovered * start) spikeAt = undefined;
    const isLate = spikeAt !== undefined && (step - spikeAt >= stepsToRecover || step === steps);
    return above >= stepsAboveLimit || isLate ? smoothed : undefined;
  };
}
