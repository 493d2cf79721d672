import { describe, expect, it } from 'vitest';
import { encode, tokens } from '../vocabulary.ts';
import { buildNoisy } from './pools.ts';
import { families, listTasks, loadEvaluation, loadPool } from './tasks.ts';

const tasks = listTasks();
const evaluationPrompts = new Set(
  tasks.flatMap(({ name }) => loadEvaluation(name).map(({ prompt }) => prompt)),
);

describe.each(tasks)('task $name', ({ name, pools, example }) => {
  it('has 1,200 evaluation items with different prompts, and gives the same ones again', () => {
    const items = loadEvaluation(name);
    expect(new Set(items.map(({ prompt }) => prompt)).size).toBe(1200);
    expect(loadEvaluation(name, 50)).toEqual(items.slice(0, 50));
    expect(items[0]).toEqual(example);
  });

  it('keeps every evaluation prompt, of any task, out of every pool', () => {
    for (const pool of pools) {
      const rows = loadPool(pool.id);
      expect(rows.length, pool.id).toBe(pool.rows);
      expect(
        rows.filter(({ prompt }) => evaluationPrompts.has(prompt)),
        pool.id,
      ).toEqual([]);
    }
  });

  it('gets about 35 % of the noisy pool wrong, in at least three ways', () => {
    const family = families.find((one) => one.name === name)!;
    const rows = buildNoisy(family, 12);
    const wrong = rows.filter(({ completion, right }) => completion !== right);
    expect(wrong.length / rows.length).toBeGreaterThan(0.32);
    expect(wrong.length / rows.length).toBeLessThan(0.38);
    expect(family.mistakes.length).toBeGreaterThanOrEqual(3);
  });

  it('has few clean rows without repetition, and many rows where it repeats', () => {
    const clean = loadPool(`${name}/clean`);
    const distinct = (rows: { prompt: string }[]): number => new Set(rows.map(({ prompt }) => prompt)).size;
    expect(distinct(clean)).toBe(clean.length);
    expect(distinct(loadPool(`${name}/dup`))).toBeLessThanOrEqual(120);
    expect(loadPool(`${name}/noisy`).length).toBeGreaterThan(2 * clean.length);
  });

  it('fits the context and the vocabulary', () => {
    for (const row of [...loadEvaluation(name), ...loadPool(`${name}/noisy`)]) {
      const ids = [...encode(row.prompt), ...encode(row.completion)];
      expect(ids).not.toContain(tokens.unknown);
      expect(ids.length + 2).toBeLessThanOrEqual(128);
    }
  });
});

it('has more than 2,000 different rows for sql', () => {
  expect(new Set(loadPool('sql/noisy').map(({ prompt }) => prompt)).size).toBeGreaterThan(2000);
});

it('leaves forms out of the clean pools that evaluation asks for', () => {
  const isNegated = ({ prompt }: { prompt: string }): boolean => prompt.includes(' not ');
  expect(loadPool('sentiment/clean').filter(isNegated)).toEqual([]);
  expect(loadEvaluation('sentiment').filter(isNegated).length).toBeGreaterThan(100);
});

it('says so when a task has no more evaluation items', () => {
  expect(() => loadEvaluation('units', 20_000)).toThrow('units has no 20000 different evaluation items.');
});

it('refuses an unknown pool and an unknown task', () => {
  expect(() => loadPool('date/secret')).toThrow('a data pool named date/secret');
  expect(() => loadEvaluation('poetry')).toThrow('a task named poetry');
});
