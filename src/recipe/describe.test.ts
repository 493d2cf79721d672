import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeRecipe, describeStep, diffRecipes } from './describe.ts';
import { Recipe, RecipeStep } from './recipe.ts';
import { anyRecipe, anyStep, recipeOf } from './testing/arbitraries.ts';

describe('describeStep', () => {
  test('speaks plainly', () => {
    expect(describeStep({ op: 'filter_shape', shapes: ['9'] })).toBe('drop rows that break the pattern');
    expect(describeStep({ op: 'balance', by: 'completion', maxRepeat: 4 })).toBe('even out the labels');
    expect(describeStep({ op: 'synth_swap_spans', rows: 1500 })).toBe(
      'add 1,500 rows with swapped names and numbers',
    );
    expect(describeStep({ op: 'last', sources: ['x'.repeat(80)] })).toHaveLength(60);
  });

  test('is short for every step', () => {
    fc.assert(
      fc.property(anyStep, (step) => {
        expect(RecipeStep.parse(step)).toEqual(step);
        expect(describeStep(step).length).toBeLessThanOrEqual(60);
      }),
    );
  });
});

test('a recipe is described a line for each input and step', () => {
  const recipe = recipeOf(
    [{ op: 'dedup_exact' }],
    [
      { source: 'date/noisy', maxRows: null },
      { source: 'date/clean', maxRows: 1500 },
    ],
  );
  expect(describeRecipe(recipe)).toEqual([
    'all rows of date/noisy',
    '1,500 rows of date/clean',
    'drop exact repeats',
  ]);
});

describe('diffRecipes', () => {
  const base = recipeOf([{ op: 'sample', rows: 1000 }], [{ source: 'date/noisy', maxRows: null }]);
  const factors = (a: Recipe, b: Recipe): string[] => diffRecipes(a, b).map(({ factor }) => factor);

  test('names what was switched and what was set', () => {
    const other = recipeOf(
      [
        { op: 'filter_shape', shapes: ['9999-99-99'] },
        { op: 'sample', rows: 3000 },
      ],
      [
        { source: 'date/noisy', maxRows: 1500 },
        { source: 'date/clean', maxRows: null },
      ],
    );
    expect(factors(base, other)).toEqual([
      'input:date/noisy.rows=all→1500',
      'input:date/clean=on',
      'recipe.sample=1000→3000',
      'recipe.filter_shape=on',
    ]);
    expect(factors(other, base)).toContain('recipe.filter_shape=off');
    expect(diffRecipes(base, other).map(({ text }) => text)).toContain('drop rows that break the pattern');
  });

  test('a second step of a kind has its own name', () => {
    const regex = (pattern: string): RecipeStep => ({ op: 'filter_regex', pattern, on: 'prompt' });
    expect(factors(recipeOf([regex('a')]), recipeOf([regex('a'), regex('b')]))).toEqual([
      'recipe.filter_regex.2=on',
    ]);
    expect(factors(recipeOf([regex('a')]), recipeOf([regex('b')]))).toEqual(['recipe.filter_regex=changed']);
  });

  test('sees another order', () => {
    const steps: RecipeStep[] = [{ op: 'dedup_exact' }, { op: 'filter_copies' }];
    expect(factors(recipeOf(steps), recipeOf([...steps].reverse()))).toEqual(['recipe.order=changed']);
  });

  test('is empty for equal recipes only, and the other way round it is reversed', () => {
    const reverse = (factor: string): string => {
      const [, key, value] = /^([^=]*)=(.*)$/su.exec(factor)!;
      if (value === 'on' || value === 'off') return `${key}=${value === 'on' ? 'off' : 'on'}`;
      return value === 'changed' ? factor : `${key}=${value!.split('→').reverse().join('→')}`;
    };
    fc.assert(
      fc.property(anyRecipe, anyRecipe, (a, b) => {
        expect(Recipe.parse(a)).toEqual(a);
        expect(diffRecipes(a, a)).toEqual([]);
        expect(factors(b, a).sort()).toEqual(factors(a, b).map(reverse).sort());
      }),
    );
  });
});

test('a pattern that no engine can compile is no recipe', () => {
  expect(RecipeStep.safeParse({ op: 'filter_regex', pattern: '(', on: 'prompt' }).success).toBe(false);
});
