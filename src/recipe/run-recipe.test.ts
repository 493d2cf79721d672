import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TrexError } from '../lib/errors.ts';
import { createRng } from '../lib/rng.ts';
import { rowsHash } from './hash-rows.ts';
import { runRecipe } from './run-recipe.ts';
import { anyRecipe, anyRows, pretendPython, recipeOf } from './testing/arbitraries.ts';
import type { Row } from './types.ts';

const noPause = async (): Promise<void> => {};
const dates: Row[] = Array.from({ length: 100 }, (_, i) => ({
  prompt: `date: ${(i % 28) + 1} May ${1950 + i}`,
  completion: i % 5 === 0 ? 'May' : `${1950 + i}-05-${String((i % 28) + 1).padStart(2, '0')}`,
}));
const load = async (source: string): Promise<Row[]> => (source === 'empty' ? [] : dates);

test('steps run in order, the trace says what each did, the source is remembered', async () => {
  const inputs = [{ source: 'date/noisy', maxRows: 80 }];
  const { rows, trace } = await runRecipe(
    recipeOf(
      [
        { op: 'filter_shape', shapes: ['9999-99-99'] },
        { op: 'sample', rows: 50 },
      ],
      inputs,
    ),
    load,
  );
  expect(rows).toHaveLength(50);
  expect(rows.every(({ source }) => source === 'date/noisy')).toBe(true);
  expect(trace).toEqual([
    { step: '80 rows of date/noisy', before: 100, after: 80 },
    { step: 'drop rows that break the pattern', before: 80, after: expect.any(Number) },
    { step: 'take 50 rows', before: trace[1]?.after, after: 50 },
  ]);
  expect(dates[0]).not.toHaveProperty('source');
});

test('a step that can make fewer rows than asked says so', async () => {
  const { trace } = await runRecipe(recipeOf([{ op: 'synth_swap_spans', rows: 10_000 }]), load);
  expect(trace.at(-1)?.note).toMatch(/^only [\d,]+ of 10,000 rows could be made$/);
});

describe('an empty result', () => {
  test('names the step that removed everything', async () => {
    const run = runRecipe(recipeOf([{ op: 'dedup_exact' }, { op: 'filter_shape', shapes: ['?'] }]), load);
    await expect(run).rejects.toThrowError(
      'Nothing is left to train on: the step "drop rows that break the pattern" removed all 100 rows.',
    );
    await expect(run).rejects.toMatchObject({ code: 'recipe_empty', fault: 'data' });
  });

  test('names inputs without rows', async () => {
    await expect(runRecipe(recipeOf([], [{ source: 'empty', maxRows: null }]), load)).rejects.toThrowError(
      /empty/,
    );
  });
});

test('a step before another does not change the other one’s draw', async () => {
  const synth = { op: 'synth_swap_spans' as const, rows: 20 };
  const plain = await runRecipe(recipeOf([synth]), load);
  const sorted = await runRecipe(recipeOf([{ op: 'dedup_exact' }, synth]), load);
  expect(rowsHash(sorted.rows)).toBe(rowsHash(plain.rows));
});

test('any recipe gives the same rows twice, or the same sentence', async () => {
  await fc.assert(
    fc.asyncProperty(anyRecipe, anyRows, async (recipe, rows) => {
      const before = structuredClone(rows);
      const run = async (): Promise<string> => {
        try {
          const result = await runRecipe(recipe, async () => rows, {
            pause: noPause,
            runPython: pretendPython,
          });
          expect(result.rows.length).toBeGreaterThan(0);
          expect(result.trace).toHaveLength(recipe.inputs.length + recipe.steps.length);
          if (recipe.steps.length > 0) expect(result.trace.at(-1)?.after).toBe(result.rows.length);
          return rowsHash(result.rows);
        } catch (error) {
          if (error instanceof TrexError && error.code === 'recipe_empty') return error.message;
          throw error;
        }
      };
      expect(await run()).toBe(await run());
      expect(rows).toEqual(before);
    }),
    { numRuns: 150 },
  );
});

test('100,000 rows pass filters and both kinds of deduplication in seconds', async () => {
  const rng = createRng(3);
  const words = Array.from({ length: 2000 }, (_, i) => `w${(i * 7919) % 104_729}`);
  const many = Array.from(
    { length: 100_000 },
    (_, i): Row => ({
      prompt: `ticket: ${Array.from({ length: 8 }, () => rng.pick(words)).join(' ')}`,
      completion: i % 3 === 0 ? 'billing' : 'other',
    }),
  );
  const started = performance.now();
  const { rows } = await runRecipe(
    recipeOf([
      { op: 'filter_length', minCharacters: 5, maxCharacters: 500 },
      { op: 'filter_shape', shapes: ['a'] },
      { op: 'filter_regex', pattern: '^\\w+$', on: 'completion' },
      { op: 'filter_conflicts', keepShare: 0.7 },
      { op: 'filter_copies' },
      { op: 'dedup_exact' },
      { op: 'dedup_near', similarity: 0.8 },
    ]),
    async () => many,
  );
  expect(rows.length).toBeGreaterThan(99_000);
  // The limit suits a busy machine; it takes about 4 s alone on one core.
  expect(performance.now() - started).toBeLessThan(30_000);
});

test('each input gives at most its rows, and they remember it', async () => {
  const inputs = [
    { source: 'a', maxRows: 10 },
    { source: 'b', maxRows: 30 },
  ];
  const { rows } = await runRecipe(recipeOf([], inputs), load);
  expect(rows).toHaveLength(40);
  expect(rows.filter(({ source }) => source === 'a')).toHaveLength(10);
  expect(rows.filter(({ source }) => source === 'b')).toHaveLength(30);
  expect(new Set(rows.map(({ prompt }) => prompt)).size).toBe(30);
});
