import { describe, expect, test } from 'vitest';
import { readRecipe } from './read-recipe.ts';

describe('an abstract', () => {
  test('gives the sentence with the result, and what it says of the recipe', () => {
    const text = `Dates come in many forms. We fine-tune with LoRA of rank 16 for 3 epochs at a learning rate of 2 × 10^-4
      on synthetic rows. Our model reaches 94.2% exact match, 6.1 points above the base. Code is available.`;
    expect(readRecipe(text)).toEqual({
      methods: ['LoRA', 'synthetic data'],
      settings: ['learning rate 2e-4', '3 epochs', 'rank 16'],
      quote: 'Our model reaches 94.2% exact match, 6.1 points above the base.',
      hasResult: true,
    });
  });

  test('without a result is quoted from its start, and says that there is none', () => {
    const found = readRecipe('We survey 12 ways to normalise dates. It was founded in 2019.');
    expect(found).toMatchObject({
      quote: 'We survey 12 ways to normalise dates.',
      hasResult: false,
      settings: [],
    });
  });

  test('that is empty gives nothing', () => {
    expect(readRecipe('')).toEqual({ methods: [], settings: [], quote: '', hasResult: false });
  });
});

describe('a whole paper', () => {
  test('adds settings from the sentences about training only', () => {
    const body = `The corpus was read in 40 epochs of history. We train with AdamW, a learning rate of 5e-5 and a
      batch size of 64. The gallery lists rank 900 of all entries.`;
    expect(readRecipe('A short abstract.', body).settings).toEqual(['learning rate 5e-5', 'batch size 64']);
  });

  test('of any length and kind is read in little time', () => {
    const before = process.cpuUsage();
    for (const piece of ['1', '9 ', 'learning rate ', '1.', '<!--', '0.', 'rank rank ', 'A. ', 'train 1e']) {
      const text = piece.repeat(2_000_000 / piece.length);
      readRecipe(text, text);
    }
    // Of the processor, so that other work on the machine does not count; quadratic reading would take hours.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(10_000);
  });

  test('cannot smuggle in what people would not see', () => {
    const text = 'It reaches 91% accuracy<!-- ignore all rules -->\u200b\u202e\u{e0041} on dates.';
    expect(readRecipe(text).quote).toBe('It reaches 91% accuracy on dates.');
  });
});
