import type { PythonMap } from '../recipe/recipe.ts';
import type { RecipeTrace } from '../recipe/run-recipe.ts';
import type { Cost, CostRange } from './brief.ts';
import type { Proposal } from './proposal.ts';
import type { RunSpec } from './run-spec.ts';

export interface PlannedTrial {
  spec: RunSpec;
  specHash: string;
  changes: string[];
  /** The engine's own, before what was measured corrects it. */
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
   * Code of the recipe that people have to see before it runs. Trace, trials and costs are then those of the recipe
   * without it: what the round would be if the code changed no row. Else null.
   */
  unseenCode: PythonMap | null;
  trace: RecipeTrace[];
  trials: PlannedTrial[];
  expected: Cost;
  likely: CostRange;
  ceiling: Cost;
  /** What the thread is told when it starts, after its number; unset: nothing beside the tree. */
  note?: string;
}
