import { costBand } from './estimate-cost.ts';

/** Finalists that are repeated, and fresh seeds for each. */
export const finalists = 2;
export const freshSeeds = 3;

/** Runs of one spec differ with the load of the machine: measured up to 2.2 times on two busy cores. */
const repeatSlack = 2;
const startSlackSeconds = 10;

/** The parts of the end of a campaign, in seconds on one slot. */
export interface Ending {
  /** The best runs, the finalists first; more than `finalists` are left out. Measured, or expected. */
  runs: readonly number[];
  /** The untrained model's answers to the search split. */
  baseline: number;
  /** The standard tasks for one model; unset: there are none. */
  standard?: number;
  /** Models that have to answer the test split: winner and baseline, or the winner alone; unset is 2. */
  answers?: 1 | 2;
}

/** The ceiling, in seconds, of repeating a run that took `seconds`. */
export const repeatCeiling = (seconds: number): number => seconds * repeatSlack + startSlackSeconds;

type OpenTest = Pick<Ending, 'baseline' | 'standard' | 'answers'>;

/** The ceiling of one model's answers to the test split: as the baseline answered search, with the standard tasks. */
export function testAnswerSeconds({ baseline, standard }: Pick<Ending, 'baseline' | 'standard'>): number {
  const standardCeiling =
    standard === undefined
      ? 0
      : costBand(standard, { factor: 1, runs: 0, squaredError: null }, null).ceiling.computeSeconds;
  return repeatCeiling(baseline) + standardCeiling;
}

/** The ceiling of opening the test split. */
export const testSeconds = (test: OpenTest): number => (test.answers ?? 2) * testAnswerSeconds(test);

/**
 * The reserve that must stay of the budget while searching, in seconds: one repeat of each finalist at its own time, the
 * slack of the longest, and the test. More repeats are made when there is money for them. 0 without runs.
 */
export function keptSeconds(ending: Ending): number {
  const runs = ending.runs.slice(0, finalists);
  if (runs.length === 0) return 0;
  const slack = Math.max(...runs.map((seconds) => repeatCeiling(seconds) - seconds));
  return runs.reduce((sum, seconds) => sum + seconds, 0) + slack + testSeconds(ending);
}
