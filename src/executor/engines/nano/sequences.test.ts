import { describe, expect, it } from 'vitest';
import { promptIds, rowSequence, rowTokens } from './sequences.ts';
import { decode, tokens } from './vocabulary.ts';

const row = { prompt: 'abcdefghij', completion: '12345' };

describe('rowSequence', () => {
  it('learns the completion and its end, or everything', () => {
    const { sequence, truncated } = rowSequence(row, 128, true);
    expect(truncated).toBe(false);
    expect(sequence.ids.length - 1).toBe(rowTokens(row));
    expect(decode(sequence.ids.slice(sequence.firstTarget))).toBe('12345');
    expect(sequence.ids.at(-1)).toBe(tokens.end);
    expect(rowSequence(row, 128, false).sequence.firstTarget).toBe(1);
  });

  it('cuts the end of the prompt first, so that the answer stays whole', () => {
    const { sequence, truncated } = rowSequence(row, 11, true);
    expect(truncated).toBe(true);
    expect(sequence.ids.length - 1).toBe(11);
    expect(decode(sequence.ids)).toBe('abcd12345');
    expect(sequence.ids[sequence.firstTarget - 1]).toBe(tokens.separator);
  });

  it('cuts the completion when it does not fit alone', () => {
    expect(decode(rowSequence(row, 6, true).sequence.ids)).toBe('1234');
  });
});

it('cuts a prompt so that the answer still fits in the context', () => {
  const ids = promptIds('x'.repeat(500), 128, 20);
  expect(ids.length + 20).toBeLessThanOrEqual(128);
  expect(ids.at(-1)).toBe(tokens.separator);
  expect(decode(promptIds('short', 128, 20))).toBe('short');
});
