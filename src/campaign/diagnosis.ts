import type { Strategy } from './states.ts';

/** A kind of mistake among the diagnosed search items. */
export interface Mistake {
  kind: string;
  count: number;
  example: string;
  /**
   * Against the parent: number of items of this kind that are right now, and that are new mistakes. Unset without a
   * parent.
   */
  moved?: { fixed: number; broken: number };
}

/** A direction that a diagnosis suggests to try next. */
export interface Direction {
  text: string;
  strategy: Strategy;
  /** Expected gain on the metric; null when there is no basis for one. */
  expectedGain: { low: number; high: number } | null;
  /** Compute relative to the diagnosed node: 1 is the same; null when it is not known. */
  costRatio: number | null;
  refutedBy: string;
}

export interface Diagnosis {
  summary: string;
  mistakes: Mistake[];
  /** Suggested directions, at most three. */
  directions: Direction[];
}
