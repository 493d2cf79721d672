import type { Cost, CostLimit } from './brief.ts';

/** A node as a budget holds it. */
export interface WorthNode {
  /** All its trials together. */
  expected: Cost;
  rows: number;
  epochs: number;
}

/** What a budget buys, reckoned before Start as the search itself reckons. */
export interface Worth {
  /** Trained nodes beside the baseline: where later ones are dear, and where all are like the first. `high` 0: none. */
  nodes: { low: number; high: number };
  /** What the first of them is; with fewer rows or passes than `whole` where the budget holds no whole one. */
  node: WorthNode;
  /** The first training run as it would be without a budget. */
  whole: WorthNode;
  /** The untrained model, measured first. */
  baseline: Cost;
  /** Kept free to confirm the best and open the test rows. */
  kept: Cost;
  /** Runs like these have been measured here; else the times are formulas. */
  isMeasured: boolean;
  /** A few real steps are measured before anything is given up on. Unset where the trainer knows no such probe. */
  isProbed?: boolean;
  /** The budget that buys a whole node, a round amount; null where this one does. */
  raise: CostLimit | null;
}

/** Does the budget hold less than a whole node? */
export const isReduced = ({ node, whole }: Worth): boolean =>
  node.rows < whole.rows || node.epochs < whole.epochs;
