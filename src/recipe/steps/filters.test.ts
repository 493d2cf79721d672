import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyRows } from '../testing/arbitraries.ts';
import type { Row } from '../types.ts';
import { dedupExact } from './dedup-exact.ts';
import { filterConflicts, filterCopies, filterLength, filterShape } from './filters.ts';
import { filterRegex } from './match-pattern.ts';
import { sampleRows } from './sample-rows.ts';

const row = (prompt: string, completion: string): Row => ({ prompt, completion });

test('length counts prompt and completion together, limits included', () => {
  const rows = [row('a', 'b'), row('ab', 'c'), row('abc', 'd')];
  expect(filterLength(rows, 3, 3)).toEqual([rows[1]]);
});

test('a shape is compared without spaces at the ends', () => {
  const rows = [row('x', '2021-03-05'), row('x', '5.3.21'), row('x', ' 2021-03-05\n')];
  expect(filterShape(rows, ['9999-99-99'])).toEqual([rows[0], rows[2]]);
});

describe('filterRegex', () => {
  test('looks where it is told to', () => {
    const rows = [row('5 May', '05'), row('x', '5 May')];
    expect(filterRegex(rows, 'May$', 'prompt')).toEqual([rows[0]]);
    expect(filterRegex(rows, '^\\d \\p{Lu}', 'completion')).toEqual([rows[1]]);
  });

  test('a pattern that would run for years is stopped and named', () => {
    const rows = [row('x', `${'a'.repeat(60)}!`)];
    expect(() => filterRegex(rows, '^(a+)+$', 'completion')).toThrowError(
      expect.objectContaining({ code: 'recipe_pattern_slow', fault: 'config' }),
    );
  });

  test('a pattern that does not compile is named', () => {
    expect(() => filterRegex([], '(', 'prompt')).toThrowError(
      expect.objectContaining({ code: 'recipe_pattern_invalid' }),
    );
  });
});

describe('filterConflicts', () => {
  const rows = [row('a', '1'), row(' a', '1 '), row('a', '2'), row('b', '3'), row('b', '4'), row('c', '5')];

  test('keeps a majority above the share and drops what cannot be settled', () => {
    expect(filterConflicts(rows, 0.6)).toEqual([rows[0], rows[1], rows[5]]);
    expect(filterConflicts(rows, 0.5)).toEqual([rows[0], rows[1], rows[5]]);
    expect(filterConflicts(rows, 1)).toEqual([rows[5]]);
  });

  test('letter case in a prompt is a difference', () => {
    const upper = [row('reverse: Ab', 'bA'), row('reverse: ab', 'ba')];
    expect(filterConflicts(upper, 1)).toEqual(upper);
  });
});

test('copies of the prompt go, answers that stand in it stay', () => {
  const copies = [row('5 May', '5 may'), row('date: 5 May', '5 May'), row('Make it ISO:\n5 May', '5 May')];
  const answers = [row('date: 5 May', '5'), row('Who? Tom Ito from Rome', 'Tom Ito')];
  expect(filterCopies([...copies, ...answers])).toEqual(answers);
});

test('the first of equal rows stays', () => {
  const rows = [{ ...row('a', 'b'), source: 'x' }, row('a', 'b'), row('a', 'c'), row('', 'ab')];
  expect(dedupExact(rows)).toEqual([rows[0], rows[2], rows[3]]);
  const pairs = ['c', 'd', 'c'].map((rejected) => ({ ...row('a', 'b'), rejected }));
  expect(dedupExact([...pairs, row('a', 'b')])).toEqual([pairs[0], pairs[1], row('a', 'b')]);
});

describe('sampleRows', () => {
  test('a smaller draw is part of a larger one', () => {
    fc.assert(
      fc.property(anyRows, fc.nat(40), fc.nat(40), fc.nat(), (rows, a, b, seed) => {
        const [few, many] = [Math.min(a, b), Math.max(a, b)];
        const larger = new Set(sampleRows(rows, many, seed));
        expect(sampleRows(rows, few, seed).every((one) => larger.has(one))).toBe(true);
      }),
    );
  });

  test('the draw of a row does not depend on which others are there', () => {
    const rows = Array.from({ length: 200 }, (_, i) => row(`prompt ${i}`, `${i}`));
    const drawn = new Set(sampleRows(rows, 50, 1));
    const fewer = rows.filter((one, i) => drawn.has(one) || i % 2 === 0);
    expect(new Set(sampleRows(fewer, 50, 1))).toEqual(drawn);
  });

  test('copies of a row do not come all or none', () => {
    const rows = Array.from({ length: 100 }, (_, i) => row(i % 2 === 0 ? 'a' : 'b', 'x'));
    const drawn = sampleRows(rows, 50, 3).filter(({ prompt }) => prompt === 'a').length;
    expect(drawn).toBeGreaterThan(10);
    expect(drawn).toBeLessThan(40);
  });

  test('another seed draws others', () => {
    const rows = Array.from({ length: 200 }, (_, i) => row(`${i}`, 'x'));
    expect(sampleRows(rows, 50, 1)).not.toEqual(sampleRows(rows, 50, 2));
  });
});

describe('every filter', () => {
  const filters: [string, (rows: readonly Row[]) => Row[]][] = [
    ['filterLength', (rows) => filterLength(rows, 4, 16)],
    ['filterShape', (rows) => filterShape(rows, ['9999', 'a'])],
    ['filterRegex', (rows) => filterRegex(rows, '\\d', 'prompt')],
    ['filterConflicts', (rows) => filterConflicts(rows, 0.5)],
    ['filterCopies', filterCopies],
    ['dedupExact', dedupExact],
    ['sampleRows', (rows) => sampleRows(rows, 10, 5)],
  ];
  test.each(filters)(
    '%s gives a part of its rows in their order, and nothing changes the second time',
    (_, filter) => {
      fc.assert(
        fc.property(anyRows, (rows) => {
          const kept = filter(rows);
          let from = 0;
          for (const one of kept) {
            const at = rows.indexOf(one, from);
            expect(at).toBeGreaterThanOrEqual(from);
            from = at + 1;
          }
          expect(filter(kept)).toEqual(kept);
        }),
        { numRuns: 60 },
      );
    },
  );
});
