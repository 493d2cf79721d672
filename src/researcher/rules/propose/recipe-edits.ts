import type { Recipe, RecipeStep } from '../../../recipe/recipe.ts';
import type { DataSource } from '../../../recipe/types.ts';

/** Steps run in this order: filters, repeats out, fewer rows, new rows, evening out, order. */
const rank: Record<RecipeStep['op'], number> = {
  filter_length: 0,
  filter_regex: 1,
  filter_shape: 2,
  filter_copies: 3,
  filter_conflicts: 4,
  dedup_exact: 5,
  dedup_near: 6,
  python_map: 7,
  sample: 8,
  synth_swap_spans: 9,
  synth_surface: 10,
  balance: 11,
  sort_by_length: 12,
  last: 13,
};

export const hasStep = (recipe: Recipe, op: RecipeStep['op']): boolean =>
  recipe.steps.some((step) => step.op === op);

/** The recipe with this step in its place; a step of the same kind is replaced. */
export function withStep(recipe: Recipe, step: RecipeStep): Recipe {
  const others = recipe.steps.filter((s) => s.op !== step.op);
  const at = others.findIndex((s) => rank[s.op] > rank[step.op]);
  const steps = at < 0 ? [...others, step] : [...others.slice(0, at), step, ...others.slice(at)];
  return { ...recipe, steps };
}

/** The recipe with a source added, or its cap changed. */
export const withSource = (recipe: Recipe, source: string, maxRows: number | null = null): Recipe => ({
  ...recipe,
  inputs: [...recipe.inputs.filter((i) => i.source !== source), { source, maxRows }],
});

export const withoutSource = (recipe: Recipe, source: string): Recipe => ({
  ...recipe,
  inputs: recipe.inputs.filter((i) => i.source !== source),
});

export const usesSource = (recipe: Recipe, source: string): boolean =>
  recipe.inputs.some((i) => i.source === source);

export const recipeOf = (sources: string[], seed = 0): Recipe => ({
  v: 1,
  inputs: sources.map((source) => ({ source, maxRows: null })),
  steps: [],
  seed,
});

/** About how many rows come out; the effect of filters is ignored. */
export function estimateRows(recipe: Recipe, sources: DataSource[]): number {
  const size = new Map(sources.map((s) => [s.id, s.rows]));
  let rows = recipe.inputs.reduce((sum, { source, maxRows }) => {
    const all = size.get(source) ?? maxRows ?? 1000;
    return sum + Math.min(all, maxRows ?? all);
  }, 0);
  for (const step of recipe.steps) {
    if (step.op === 'sample') rows = Math.min(rows, step.rows);
    if (step.op === 'synth_swap_spans' || step.op === 'synth_surface') rows += step.rows;
  }
  return rows;
}
