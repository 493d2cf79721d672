import { describe, expect, test } from 'vitest';
import { diffRecipes } from '../describe.ts';
import { codeHash, type PythonMap, RecipeStep, recipeHash } from '../recipe.ts';
import { runRecipe } from '../run-recipe.ts';
import { recipeOf } from '../testing/arbitraries.ts';
import type { Row, RunPython } from '../types.ts';

const code = 'def map_row(row):\n    return row';
const step = (over: Partial<PythonMap> = {}): PythonMap => ({
  op: 'python_map',
  purpose: 'drop rows that quote the prompt',
  code,
  ...over,
});
const pool: Row[] = ['one', 'two', 'three'].map((prompt) => ({ prompt, completion: prompt.toUpperCase() }));
const run = (answer: string | RunPython, rows = pool) =>
  runRecipe(recipeOf([step()]), async () => rows, {
    runPython: typeof answer === 'string' ? async () => answer : answer,
  });
const lines = (...values: unknown[]): string => values.map((v) => `${JSON.stringify(v)}\n`).join('');
const made = (prompt: string, over: object = {}) => ({ prompt, completion: 'x', ...over });

describe('a python_map', () => {
  test('hands over rows as JSONL with code and a seed of its own, and takes the answers in order', async () => {
    const jobs: Parameters<RunPython>[0][] = [];
    const { rows, trace } = await run(async (job) => {
      jobs.push(job);
      return lines([made('a')], [], [made('b'), made('c')]);
    });
    expect(jobs).toEqual([{ code, seed: expect.any(Number), rows: expect.any(String) }]);
    expect(jobs[0]?.rows.split('\n')[1]).toBe('{"prompt":"two","completion":"TWO","source":"pool"}');
    expect(rows.map((r) => r.prompt)).toEqual(['a', 'b', 'c']);
    expect(trace.at(-1)).toEqual({ step: 'run code: drop rows that quote the prompt', before: 3, after: 3 });
  });

  test('remembers itself where a row came from', async () => {
    const { rows } = await run(lines([made('a', { source: 'test-split', extra: 1 })], [], []));
    expect(rows).toEqual([{ prompt: 'a', completion: 'x', source: 'pool' }]);
  });

  test('keeps a rejected answer', async () => {
    const { rows } = await run(lines([made('a', { rejected: 'bad' })], [made('b', { rejected: null })], []));
    expect(rows[0]).toMatchObject({ rejected: 'bad' });
    expect(rows[1]).not.toHaveProperty('rejected');
  });

  test('leaves out and counts rows that a file could not hold either', async () => {
    const { rows, trace } = await run(
      lines([made(' '), made('a')], [made('nul\0')], [{ prompt: 'half \ud800', completion: 'x' }]),
    );
    expect(rows.map((r) => r.prompt)).toEqual(['a']);
    expect(trace.at(-1)?.note).toBe('3 rows came out empty or not as text and were left out');
  });

  test.each([
    ['not JSON', 'oops\n', 'what came out for row 1 is not JSON: oops'],
    ['NaN', '[{"prompt": NaN}]\n', 'what came out for row 1 is not JSON'],
    ['no list', lines([made('a')], made('b')), 'what came out for row 2 is no row'],
    ['a number for a text', lines([{ prompt: 1, completion: 'x' }]), 'row 1 is no row: 0.prompt'],
    ['a row that lacks half', lines([{ prompt: 'a' }]), 'row 1 is no row: 0.completion'],
    ['too few answers', lines([made('a')]), 'only 1 of 3 rows answered'],
    ['too many answers', lines([], [], [], []), 'more rows answered than it was given'],
    ['too many from one row', lines(Array(21).fill(made('a'))), 'row 1 is no row'],
    ['too many together', lines(Array(20).fill(made('a')), [], []), 'more than 15 rows made of 3'],
    ['a text without end', lines([made('a'.repeat(100_001))]), 'row 1 is no row: 0.prompt'],
    ['a deep nest', `${'['.repeat(50_000)}${']'.repeat(50_000)}\n`, 'row 1 is no row'],
  ])('refuses %s with a sentence', async (_name, answer, sentence) => {
    const failed = run(answer);
    await expect(failed).rejects.toMatchObject({ code: 'python_output', fault: 'data' });
    await expect(failed).rejects.toThrowError(sentence);
  });

  test('runs nowhere without a sandbox', async () => {
    await expect(runRecipe(recipeOf([step()]), async () => pool)).rejects.toMatchObject({
      code: 'python_off',
    });
  });
});

describe('its code', () => {
  const accepts = (text: string): boolean => RecipeStep.safeParse(step({ code: text })).success;

  test('is a part of the recipe’s identity', () => {
    const other = step({ code: `${code}  # other` });
    expect(recipeHash(recipeOf([step()]))).not.toBe(recipeHash(recipeOf([other])));
    expect(codeHash(code)).not.toBe(codeHash(other.code));
  });

  test('makes a factor of its own: what one code is worth says nothing of another', () => {
    const [on] = diffRecipes(recipeOf([]), recipeOf([step()]));
    const [other] = diffRecipes(recipeOf([]), recipeOf([step({ code: `${code} ` })]));
    expect(on).toEqual({
      text: 'run code: drop rows that quote the prompt',
      factor: `recipe.python_map:${codeHash(code).slice(0, 8)}=on`,
    });
    expect(other?.factor).not.toBe(on?.factor);
  });

  test.each([
    ['letters that look like others', 'def map_row(row):\n    return r\u043ew'],
    ['marks that turn the direction', 'def map_row(row):\n    return row # \u202e'],
    ['characters without width', 'def map_row(row):\n    return row\u200b'],
    ['carriage returns', 'def map_row(row):\r    return row'],
    ['tabs', 'def map_row(row):\n\treturn row'],
    ['a backtick, which ends the block on the card', 'def map_row(row):\n    return "`"'],
    ['what stands far to the right', `def map_row(row):\n    return row${' '.repeat(200)}; evil()`],
    ['more than a person reads', `def map_row(row):\n    return row\n${'# more\n'.repeat(700)}`],
    ['more than a card can show', `def map_row(row):\n    return row\n${`# ${'<'.repeat(150)}\n`.repeat(5)}`],
    ['no map_row', 'print(1)'],
  ])('must not hold %s', (_name, text) => {
    expect(accepts(code)).toBe(true);
    expect(accepts(text)).toBe(false);
  });
});
