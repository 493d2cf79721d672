import { expect, it } from 'vitest';
import { decode, encode, tokens, unknownCharacters, vocabularySize } from './vocabulary.ts';

const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');

it('gives every printable ASCII character its own token, and back', () => {
  const ids = encode(printable);
  expect(new Set(ids).size).toBe(95);
  expect(Math.max(...ids)).toBe(vocabularySize - 1);
  expect(decode(ids)).toBe(printable);
});

it('reads line breaks and tabs as a space', () => {
  expect(decode(encode('a\nb\tc\r'))).toBe('a b c ');
  expect(unknownCharacters('a\nb\tc\r')).toBe(0);
});

it('counts each unknown character once, also outside the basic plane', () => {
  expect(encode('é😀')).toEqual([tokens.unknown, tokens.unknown]);
  expect(unknownCharacters('café 😀')).toBe(2);
  expect(decode(encode('é'))).toBe('\uFFFD');
});

it('leaves special tokens out of the text', () => {
  expect(decode([tokens.begin, ...encode('ok'), tokens.separator, tokens.end, tokens.padding])).toBe('ok');
});
