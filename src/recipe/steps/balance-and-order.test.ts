import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyRows } from '../testing/arbitraries.ts';
import type { Row } from '../types.ts';
import { balanceRows } from './balance-rows.ts';
import { sortByLength, sourcesLast } from './order-rows.ts';

const labelled = (label: string, count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({ prompt: `${label} ${i}`, completion: label }));
const count = (rows: Row[], label: string): number =>
  rows.filter(({ completion }) => completion === label).length;

describe('balanceRows', () => {
  test('rare labels are repeated up to the largest', () => {
    const rows = [...labelled('a', 10), ...labelled('b', 4)];
    const balanced = balanceRows(rows, 'completion', 5, 1);
    expect([count(balanced, 'a'), count(balanced, 'b')]).toEqual([10, 10]);
    expect(balanced.slice(0, 14)).toEqual(rows);
  });

  test('no row stands more often than allowed', () => {
    const balanced = balanceRows([...labelled('a', 100), ...labelled('b', 3)], 'completion', 4, 1);
    expect(count(balanced, 'b')).toBe(12);
  });

  test('prompts are grouped by their form', () => {
    const rows = ['5 May', '6 Jun', '7 Jul', '05/06'].map((prompt) => ({ prompt, completion: prompt }));
    expect(balanceRows(rows, 'prompt_shape', 20, 1).filter(({ prompt }) => prompt === '05/06')).toHaveLength(
      3,
    );
  });

  test('nothing is dropped, nothing is made up, no group passes the largest', () => {
    fc.assert(
      fc.property(anyRows, fc.integer({ min: 1, max: 6 }), fc.nat(), (rows, maxRepeat, seed) => {
        const balanced = balanceRows(rows, 'completion', maxRepeat, seed);
        expect(balanced.slice(0, rows.length)).toEqual(rows);
        for (const row of new Set(balanced)) {
          expect(rows).toContain(row);
          expect(balanced.filter((one) => one === row).length).toBeLessThanOrEqual(maxRepeat);
        }
        expect(balanceRows(rows, 'completion', maxRepeat, seed)).toEqual(balanced);
      }),
      { numRuns: 60 },
    );
  });
});

test('rows of a source go last and keep their order', () => {
  const rows = ['a', 'b', 'a', 'c'].map((source, i) => ({ prompt: `${i}`, completion: 'x', source }));
  expect(sourcesLast(rows, ['a']).map(({ prompt }) => prompt)).toEqual(['1', '3', '0', '2']);
  expect(sourcesLast(rows, ['none'])).toEqual(rows);
});

test('rows are sorted by length, equal ones keep their order', () => {
  const rows = ['ccc', 'a', 'bb', 'dd'].map((prompt) => ({ prompt, completion: 'x' }));
  expect(sortByLength(rows, 'short_first').map(({ prompt }) => prompt)).toEqual(['a', 'bb', 'dd', 'ccc']);
  expect(sortByLength(rows, 'long_first').map(({ prompt }) => prompt)).toEqual(['ccc', 'bb', 'dd', 'a']);
});
