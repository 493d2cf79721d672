import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normaliseText } from './text.ts';

test('normalising joins white space and composes characters, and does so once', () => {
  expect(normaliseText('  a\u00a0 b\tc\n')).toBe('a b c');
  expect(normaliseText('e\u0301')).toBe('é');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(normaliseText(normaliseText(text))).toBe(normaliseText(text));
    }),
  );
});
