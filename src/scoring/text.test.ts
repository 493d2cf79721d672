import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalise, shapeOf, wordsOf } from './text.ts';

describe('normalise', () => {
  it('gives the same key to spellings that differ in case, spaces and sentence punctuation', () => {
    for (const text of [
      'Hello, world!',
      'hello world',
      ' HELLO\n world … ',
      '"Hello" (world)',
      'Hel\u200blo world',
    ]) {
      expect(normalise(text)).toBe('hello world');
    }
    expect(normalise('cafe\u0301')).toBe(normalise('CAF\u00c9'));
  });

  it('keeps what carries meaning in numbers and formulas', () => {
    const different = ['2-3', '2*3', '2+3', '2/3', '2.3', '2:3', '23', '2 3'];
    expect(new Set(different.map(normalise)).size).toBe(different.length);
    expect(normalise('What is 2+2?')).toBe(normalise('what is 2+2'));
  });

  it('keeps a text of punctuation only', () => {
    expect(normalise(' ?! ')).toBe('?!');
    expect(normalise('')).toBe('');
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
        expect(normalise(normalise(text))).toBe(normalise(text));
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('wordsOf', () => {
  it('splits scripts without spaces into characters', () => {
    expect(wordsOf('Der Test: 3 neue.')).toEqual(['der', 'test', '3', 'neue']);
    expect(wordsOf('GPU训练 ok')).toEqual(['gpu', '训', '练', 'ok']);
  });
});

describe('shapeOf', () => {
  it('masks digits one by one and letters by run', () => {
    expect(shapeOf('2024-03-05')).toBe('9999-99-99');
    expect(shapeOf('3 March, 12 KM x')).toBe('9 Aa, 99 A a');
  });
});
