import type { TrainingSettings } from '../campaign/run-spec.ts';
import { hashOf } from '../lib/hash.ts';
import type { Recipe } from '../recipe/recipe.ts';

/**
 * The identity of a proposed trial: hash of the recipe and of the settings without what the system fills in (memory
 * cap, sequence length). The same key is never proposed twice in a tree.
 */
export function proposalKey(recipe: Recipe, training: TrainingSettings): string {
  const { memoryLimitBytes: _memory, maxSequenceTokens: _length, ...own } = training;
  return hashOf({ recipe, training: own });
}
