import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerLimit } from './answer-limit.ts';
import { countTokens } from './estimates/token-count.ts';

const lengths = { meanPrompt: 30, longestPrompt: 60, longestAnswer: 2 };

test('answers of a word are not given 128 tokens', () => {
  expect(answerLimit(lengths, 256)).toBe(11);
});

test('the longest answer has room to be worded otherwise', () => {
  expect(answerLimit({ ...lengths, longestAnswer: 100 }, 1024)).toBe(158);
});

test('the room gives way before a prompt loses its end', () => {
  expect(answerLimit({ ...lengths, longestAnswer: 40 }, 128)).toBe(66);
});

test('where prompt and answer do not fit together, an answer gets half of the context at most', () => {
  expect(answerLimit({ ...lengths, longestPrompt: 400, longestAnswer: 90 }, 128)).toBe(64);
  expect(answerLimit({ ...lengths, longestPrompt: 400, longestAnswer: 5 }, 128)).toBe(16);
});

test('campaigns that were started without these lengths keep half of the context, and so their hashes', () => {
  expect(answerLimit(undefined, 128)).toBe(64);
});

test('whenever prompt and answer fit, the limit holds the longest answer and leaves the longest prompt whole', () => {
  fc.assert(
    fc.property(fc.nat(4000), fc.nat(4000), fc.integer({ min: 8, max: 4096 }), (prompt, answer, context) => {
      const limit = answerLimit(
        { meanPrompt: prompt, longestPrompt: prompt, longestAnswer: answer },
        context,
      );
      expect(Number.isInteger(limit) && limit >= 1).toBe(true);
      expect(limit).toBeLessThanOrEqual(Math.ceil(answer * 1.5) + 8);
      if (prompt + answer + 2 >= context) return;
      expect(limit).toBeGreaterThan(answer);
      expect(limit + prompt + 2).toBeLessThanOrEqual(context);
    }),
  );
});

test.each([
  ['positive', 3],
  ['2026-11-30', 10],
  ['the parcel never came', 7],
  ['北京', 6],
  ['', 0],
])('%s counts as about %i tokens', (text, tokens) => {
  expect(countTokens(text)).toBe(tokens);
});
