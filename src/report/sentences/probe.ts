import type { Cost } from '../../campaign/brief.ts';
import type { Failure } from '../../campaign/failure.ts';
import { countText } from '../../lib/text.ts';
import { durationText, innerCostText, sentence } from '../format.ts';

interface Pace {
  steps: number;
  secondsPerStep: number;
}

/** Why a few steps are paid for before a run is called too expensive. */
export const probingText = (whole: Cost, steps: number, ceiling: Cost): string =>
  `A training run would take about ${innerCostText(whole)} by my formula, which nobody has checked here, and that does not fit. Before I believe it I measure ${countText(steps, 'real step')} of it, at most ${innerCostText(ceiling)}.`;

export const probedText = ({ steps, secondsPerStep }: Pace, predictedSeconds: number): string =>
  `Measured: a step takes ${durationText(secondsPerStep)} here (${countText(steps, 'step')}); my formula said ${durationText(predictedSeconds)}. I plan with what was measured.`;

export const unprobedText = ({ message }: Failure): string =>
  `I could not measure what a step takes: ${sentence(message)} I go on with my estimate.`;

/** Where a price comes from, inside of its brackets. */
export const measuredText = ({ steps, secondsPerStep }: Pace): string =>
  `measured: ${countText(steps, 'step')} at ${durationText(secondsPerStep)}`;

export const notMeasured = 'my estimate, not measured';
