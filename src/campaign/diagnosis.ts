import type { Strategy } from './states.ts';

/** A kind of mistake among the search items that were looked at. */
export interface Mistake {
  kind: string;
  count: number;
  example: string;
  /** Against the parent: so many of this kind are right now, so many are new. Unset without a parent. */
  moved?: { fixed: number; broken: number };
}

/** What a diagnosis suggests to do next. */
export interface Direction {
  text: string;
  strategy: Strategy;
  /** On the metric; null when there is nothing to go by. */
  expectedGain: { low: number; high: number } | null;
  /** Compute against the round that was diagnosed: 1 is the same; null when it is not known. */
  costRatio: number | null;
  refutedBy: string;
}

export interface Diagnosis {
  summary: string;
  mistakes: Mistake[];
  /** What this suggests next, at most three. */
  directions: Direction[];
}
