import type { PythonMap } from '../recipe/recipe.ts';
import type { RecipeTrace } from '../recipe/run-recipe.ts';
import type { Cost, CostRange } from './brief.ts';
import type { Proposal } from './proposal.ts';
import type { RunSpec } from './run-spec.ts';

export interface PlannedTrial {
  spec: RunSpec;
  specHash: string;
  changes: string[];
  /** The engine's own estimate, before measurements correct it. */
  predictedSeconds: number;
  /** Unset in plans that older versions kept. */
  isMeasured?: boolean;
  expected: Cost;
  likely: CostRange;
  ceiling: Cost;
}

/** A proposal turned into priced, hashed run specs over exact rows. Nothing is spent yet. */
export interface PlannedNode {
  proposal: Proposal;
  /**
   * Code of the recipe that people have to approve before it runs. Trace, trials and costs are then those of the recipe
   * without it: of a node in which the code changed no row. Otherwise null.
   */
  unseenCode: PythonMap | null;
  trace: RecipeTrace[];
  trials: PlannedTrial[];
  expected: Cost;
  likely: CostRange;
  ceiling: Cost;
  /** The announcement in the thread at its start, after its number; unset: only the tree shows it. */
  note?: string;
}
