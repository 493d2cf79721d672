import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  capitalise,
  clip,
  clipLine,
  clipUnits,
  countText,
  listText,
  numberText,
  percentText,
} from './text.ts';

test('clipping counts characters and not halves of them', () => {
  expect(clip('learning rate', 9)).toBe('learning…');
  expect(clip('🦖🦖🦖', 2)).toBe('🦖…');
});

test('clipping a line makes one of several first', () => {
  expect(clipLine('a\n b', 10)).toBe('a b');
  expect(clipLine('👍👍👍', 2)).toBe('👍…');
});

test('clipping units never passes the length and never halves a character', () => {
  expect(clipUnits('abcdef', 4)).toBe('abc…');
  expect(clipUnits('ab😀cd', 4)).toBe('ab…');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 30 }), (text, length) => {
      const cut = clipUnits(text, length);
      expect(cut.length).toBeLessThanOrEqual(length);
      expect(/\p{Cs}/u.test(cut)).toBe(false);
    }),
  );
});

test('counts and lists are written for people', () => {
  expect(numberText(6214)).toBe('6,214');
  expect(countText(1, 'row')).toBe('1 row');
  expect(countText(1200, 'row')).toBe('1,200 rows');
  expect([countText(1, 'node'), countText(2000, 'node'), countText(2, 'branch', 'branches')]).toEqual([
    '1 node',
    '2,000 nodes',
    '2 branches',
  ]);
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((items) => listText(items))).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
  expect(capitalise('stopped by Ana')).toBe('Stopped by Ana');
});

test('a share is a percentage, with decimals only where they are asked for and not zero', () => {
  expect([0, 0.449, 1, 1.2, Number.NaN].map((share) => percentText(share))).toEqual([
    '0%',
    '45%',
    '100%',
    '100%',
    'n/a',
  ]);
  expect([0.9, 0.955, 0.9549].map((share) => percentText(share, 1))).toEqual(['90%', '95.5%', '95.5%']);
});
