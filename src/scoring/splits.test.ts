import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignSplits, itemId, type RowLike, type Splits, splitEvaluation, splitLimits } from './splits.ts';
import { normalise } from './text.ts';
import type { SplitName } from './types.ts';

const names = ['train', 'search', 'select', 'test'] as const;
const rowsUpTo = (n: number): RowLike[] =>
  Array.from({ length: n }, (_, i) => ({ prompt: `Question number ${i}`, completion: `answer ${i % 7}` }));

function placesOf(
  splits: Pick<Splits<RowLike>, 'train' | 'search' | 'select' | 'test'>,
): Map<string, SplitName> {
  const places = new Map<string, SplitName>();
  for (const name of names) for (const row of splits[name]) places.set(normalise(row.prompt), name);
  return places;
}

describe('assignSplits', () => {
  it('divides rows in the shares asked for', () => {
    const { train, search, select, test } = assignSplits(rowsUpTo(2000), {
      search: 0.1,
      select: 0.05,
      test: 0.05,
    });
    expect(train.length + search.length + select.length + test.length).toBe(2000);
    expect(search.length / 2000).toBeCloseTo(0.1, 1);
    expect(train.length).toBeGreaterThan(1500);
  });

  it('keeps evaluation splits at their bounds, and trains on the rest', () => {
    const splits = assignSplits(rowsUpTo(10_000), null);
    expect(splits.search).toHaveLength(splitLimits.search.max);
    expect(splits.select).toHaveLength(splitLimits.select.max);
    expect(splits.test).toHaveLength(splitLimits.test.max);
    expect(splits.train).toHaveLength(8900);
    expect(splits.leftOut).toBe(0);
  });

  it('works from 60 prompts on, and says what to do below', () => {
    const splits = assignSplits(rowsUpTo(60), null);
    for (const name of names) expect(splits[name]).toHaveLength(splitLimits[name].min);
    expect(() => assignSplits(rowsUpTo(59), null)).toThrow(
      /at least 60 .* separate evaluation file with at least 40/,
    );
    const repeated = rowsUpTo(59).flatMap((row) => [row, { ...row, prompt: `${row.prompt}!` }]);
    expect(() => assignSplits(repeated, null)).toThrow(/59 different prompts in 118 rows/);
  });

  it('draws other splits with another salt', () => {
    const rows = rowsUpTo(500);
    const ids = (salt: string): string[] => assignSplits(rows, null, { salt }).test.map((item) => item.id);
    expect(ids('a')).toEqual(ids('a'));
    expect(ids('a')).not.toEqual(ids('b'));
  });

  it('keeps what rows carry, and their order, in train', () => {
    const rows = rowsUpTo(300).map((row, line) => ({ ...row, line }));
    const lines = assignSplits(rows).train.map((row) => row.line);
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
  });

  it('takes the most frequent answer where a prompt has several', () => {
    const rows = rowsUpTo(200).flatMap((row) => [
      { ...row, completion: 'wrong' },
      { prompt: row.prompt.toUpperCase(), completion: 'right' },
      { ...row, completion: 'right ' },
    ]);
    const splits = assignSplits(rows);
    const evaluation = [...splits.search, ...splits.select, ...splits.test];
    expect(new Set(evaluation.map((item) => item.completion.trim()))).toEqual(new Set(['right']));
    expect(splits.train.length + evaluation.length + splits.leftOut).toBe(600);
    expect(splits.leftOut).toBe(2 * evaluation.length);
  });

  const spelling = fc.constantFrom(
    (s: string) => s,
    (s: string) => s.toUpperCase(),
    (s: string) => `  ${s.replace(/ /g, '  ')} `,
    (s: string) => `${s}?!`,
    (s: string) => s.replace(/ /, ', '),
  );
  const manyRows = fc.array(fc.tuple(fc.nat(400), spelling), { minLength: 0, maxLength: 300 });

  it('never lets a prompt into two splits, in any spelling or order', () => {
    fc.assert(
      fc.property(manyRows, (drawn) => {
        const rows = [
          ...rowsUpTo(80),
          ...drawn.map(([i, spell]) => ({ prompt: spell(`Question number ${i}`), completion: 'x' })),
        ];
        const splits = assignSplits(rows);
        const keys = names.map((name) => new Set(splits[name].map((row) => normalise(row.prompt))));
        const distinct = new Set(rows.map((row) => normalise(row.prompt)));
        expect(keys.reduce((sum, set) => sum + set.size, 0)).toBe(distinct.size);
        for (const name of ['search', 'select', 'test'] as const) {
          expect(keys[names.indexOf(name)]?.size).toBe(splits[name].length);
        }
        expect(placesOf(assignSplits([...rows].reverse()))).toEqual(placesOf(splits));
      }),
      { seed: 6, numRuns: 40 },
    );
  });

  it('stays as it is when rows are added: no prompt enters evaluation or changes its evaluation split', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 3000 }), fc.nat(3000), (before, added) => {
        const old = placesOf(assignSplits(rowsUpTo(before)));
        const now = placesOf(assignSplits(rowsUpTo(before + added)));
        for (const [key, place] of old) {
          const later = now.get(key);
          expect(later === place || later === 'train').toBe(true);
        }
        const fractions = { search: 0.05, select: 0.03, test: 0.03 };
        const fixed = placesOf(assignSplits(rowsUpTo(before + 700), fractions));
        const more = placesOf(assignSplits(rowsUpTo(before + 700 + added), fractions));
        for (const [key, place] of fixed) expect(more.get(key)).toBe(place);
      }),
      { seed: 7, numRuns: 15 },
    );
  });
});

describe('splitEvaluation', () => {
  it('divides into three within bounds, each prompt once', () => {
    const items = [...rowsUpTo(5000), ...rowsUpTo(10).map((row) => ({ ...row, prompt: `${row.prompt}.` }))];
    const { search, select, test, leftOut } = splitEvaluation(items);
    expect([search.length, select.length, test.length]).toEqual([400, 300, 400]);
    expect(leftOut).toBe(5010 - 1100);
    expect(new Set([...search, ...select, ...test].map((item) => normalise(item.prompt))).size).toBe(1100);
  });

  it('fills up small splits, and refuses too few items', () => {
    const { search, select, test } = splitEvaluation(rowsUpTo(41));
    expect(search.length).toBeGreaterThanOrEqual(15);
    expect(select.length).toBeGreaterThanOrEqual(10);
    expect(test.length).toBeGreaterThanOrEqual(15);
    expect(() => splitEvaluation(rowsUpTo(39))).toThrow(/at least 40/);
  });
});

describe('itemId', () => {
  it('depends on the normalised prompt and the completion', () => {
    const id = itemId({ prompt: 'Hello, World', completion: 'x' });
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(itemId({ prompt: 'hello world', completion: 'x' })).toBe(id);
    expect(itemId({ prompt: 'hello world', completion: 'X' })).not.toBe(id);
  });
});
