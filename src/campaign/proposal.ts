import type { Recipe } from '../recipe/recipe.ts';
import type { TrainingSettings } from './run-spec.ts';
import type { Strategy } from './states.ts';

/** A proposed trial: hyperparameters without the parts that the system owns (memory cap, sequence length, seed). */
export interface TrialProposal {
  training: TrainingSettings;
  /** Changes against the parent: `learning rate 1e-3 → 5e-4`. */
  changes: string[];
}

/** A proposed node: a hypothesis, one data recipe, one to five training configurations. */
export interface Proposal {
  strategy: Strategy;
  /** At most 60 characters. */
  title: string;
  hypothesis: string;
  recipe: Recipe;
  /** Changes of the recipe against the parent's, in words. */
  recipeChanges: string[];
  trials: TrialProposal[];
  expectedGain: { low: number; high: number } | null;
  refutedBy: string;
  /** Factors that differ from the parent (for insights): `recipe.filter_pattern=on`, `learningRate=0.0005`. */
  factors: string[];
}
