import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutText, formatCount, normaliseText, plural } from './text.ts';

test('normalising joins white space and composes characters, and does so once', () => {
  expect(normaliseText('  a\u00a0 b\tc\n')).toBe('a b c');
  expect(normaliseText('e\u0301')).toBe('é');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(normaliseText(normaliseText(text))).toBe(normaliseText(text));
    }),
  );
});

test('cutting never passes the length and never halves a character', () => {
  expect(cutText('abcdef', 4)).toBe('abc…');
  expect(cutText('ab😀cd', 4)).toBe('ab…');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 30 }), (text, length) => {
      const cut = cutText(text, length);
      expect(cut.length).toBeLessThanOrEqual(length);
      expect(/\p{Cs}/u.test(cut)).toBe(false);
    }),
  );
});

test('counts are written for people', () => {
  expect(formatCount(6214)).toBe('6,214');
  expect(plural(1, 'row')).toBe('1 row');
  expect(plural(1200, 'row')).toBe('1,200 rows');
});
