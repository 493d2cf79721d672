import type { Cost, CostLimit } from './brief.ts';

/** A node that fits into a budget. */
export interface WorthNode {
  /** All its trials together. */
  expected: Cost;
  rows: number;
  epochs: number;
}

/** The training that a budget buys, estimated before Start in the same way as the search itself does. */
export interface Worth {
  /**
   * Trained nodes beside the baseline: if later ones are expensive, and if all cost as much as the first. `high` 0:
   * none.
   */
  nodes: { low: number; high: number };
  /** The first of these nodes; with fewer rows or passes than `whole` where the budget holds no whole one. */
  node: WorthNode;
  /** The first training run as it would be without a budget. */
  whole: WorthNode;
  /** The untrained model, measured first. */
  baseline: Cost;
  /** Reserved to confirm the best node and to open the test rows. */
  kept: Cost;
  /** Similar runs have been measured here; else the times come from formulas. */
  isMeasured: boolean;
  /** A few real steps are measured before anything is ruled out. Unset where the trainer has no such probe. */
  isProbed?: boolean;
  /** The budget that buys a whole node, a round amount; null where this one does. */
  raise: CostLimit | null;
}

/** True when the budget holds less than a whole node. */
export const isReduced = ({ node, whole }: Worth): boolean =>
  node.rows < whole.rows || node.epochs < whole.epochs;
