import fc from 'fast-check';
import type { Recipe, RecipeStep } from '../recipe.ts';
import type { Row, RunPython } from '../types.ts';

/** For tests: a recipe of these steps. */
export const recipeOf = (
  steps: RecipeStep[],
  inputs: Recipe['inputs'] = [{ source: 'pool', maxRows: null }],
): Recipe => ({ v: 1, inputs, steps, seed: 7 });

type Pretended = (row: Row) => object[];
const pretended: Record<string, Pretended> = {
  'def map_row(row):\n    return row': (row) => [row],
  'def map_row(row):\n    return None if len(row["prompt"]) > 12 else row': (row) =>
    row.prompt.length > 12 ? [] : [row],
  'def map_row(row):\n    return [row, {**row, "prompt": row["prompt"].upper(), "source": "mine"}]': (
    row,
  ) => [row, { ...row, prompt: row.prompt.toUpperCase(), source: 'mine' }],
  'def map_row(row):\n    return {**row, "completion": ""}': (row) => [{ ...row, completion: '' }],
};

/** For tests: the effect of the code that `anyStep` draws, without Python. */
export const pretendPython: RunPython = async ({ code, rows }) =>
  rows
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `${JSON.stringify((pretended[code] as Pretended)(JSON.parse(line) as Row))}\n`)
    .join('');

/** For tests: any step that the schema accepts. */
export const anyStep: fc.Arbitrary<RecipeStep> = fc
  .oneof(
    fc.record({
      op: fc.constant('filter_length' as const),
      minCharacters: fc.nat(20),
      maxCharacters: fc.integer({ min: 1, max: 60 }),
    }),
    fc.record({
      op: fc.constant('filter_shape' as const),
      shapes: fc.array(fc.constantFrom('9', 'a', '9999-99-99', 'Aa'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      op: fc.constant('filter_regex' as const),
      pattern: fc.constantFrom('a', '^\\d', '[^x]$'),
      on: fc.constantFrom('prompt', 'completion'),
    }),
    fc.record({ op: fc.constant('filter_conflicts' as const), keepShare: fc.constantFrom(0.5, 0.7, 1) }),
    fc.constant({ op: 'filter_copies' as const }),
    fc.constant({ op: 'dedup_exact' as const }),
    fc.record({ op: fc.constant('dedup_near' as const), similarity: fc.constantFrom(0.5, 0.8, 0.95) }),
    fc.record({
      op: fc.constant('balance' as const),
      by: fc.constantFrom('completion', 'prompt_shape'),
      maxRepeat: fc.integer({ min: 1, max: 20 }),
    }),
    fc.record({ op: fc.constant('sample' as const), rows: fc.integer({ min: 1, max: 30 }) }),
    fc.record({
      op: fc.constant('last' as const),
      sources: fc.array(fc.constantFrom('pool', 'other'), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({
      op: fc.constant('sort_by_length' as const),
      direction: fc.constantFrom('short_first', 'long_first'),
    }),
    fc.record({ op: fc.constant('synth_swap_spans' as const), rows: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ op: fc.constant('synth_surface' as const), rows: fc.integer({ min: 1, max: 20 }) }),
    fc.record({
      op: fc.constant('python_map' as const),
      purpose: fc.constant('a test'),
      code: fc.constantFrom(...Object.keys(pretended)),
    }),
  )
  .map((step): RecipeStep => step);

/** For tests: any recipe that the schema accepts. */
export const anyRecipe: fc.Arbitrary<Recipe> = fc.record({
  v: fc.constant(1 as const),
  inputs: fc.array(
    fc.record({
      source: fc.constantFrom('pool', 'other', 'third'),
      maxRows: fc.option(fc.integer({ min: 1, max: 40 })),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  steps: fc.array(anyStep, { maxLength: 6 }),
  seed: fc.nat(3),
});

/** For tests: rows from few texts, so that repeats, conflicts and copies happen. */
export const anyRows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({
    prompt: fc.oneof(
      fc.constantFrom('date: 5 May 2021', 'date: 6 May 1999', 'Tom in Rome', 'Ana in Oslo', 'x'),
      fc.string({ maxLength: 12 }),
    ),
    completion: fc.oneof(
      fc.constantFrom('2021', '1999', 'Tom', 'Ana', '5 May 2021', 'x'),
      fc.string({ maxLength: 6 }),
    ),
  }),
  { maxLength: 40 },
);
