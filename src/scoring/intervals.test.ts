import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../lib/rng.ts';
import { scoreOf } from './intervals.ts';
import type { ItemResult } from './types.ts';

const results = (scores: number[]): ItemResult[] =>
  scores.map((score, i) => ({ id: String(i), score, prediction: '' }));
const ones = (n: number, right: number): number[] => Array.from({ length: n }, (_, i) => (i < right ? 1 : 0));

describe('scoreOf', () => {
  it('uses Wilson for right and wrong', () => {
    // Newcombe 1998 (Statistics in Medicine 17:857), table I: 81 of 263 gives 0.2553 to 0.3662.
    const score = scoreOf('exact_match', results(ones(263, 81)));
    expect(score.value).toBeCloseTo(0.308, 4);
    expect(score.low).toBeCloseTo(0.2553, 4);
    expect(score.high).toBeCloseTo(0.3662, 4);
  });

  it('has an interval at 0 and at 1 and for a single item', () => {
    const none = scoreOf('exact_match', results(ones(20, 0)));
    expect(none).toMatchObject({ value: 0, low: 0, n: 20 });
    expect(none.high).toBeCloseTo(0.1611, 4);
    expect(scoreOf('accuracy', results(ones(20, 20)))).toMatchObject({ value: 1, high: 1 });
    expect(scoreOf('accuracy', results([1])).low).toBeLessThan(0.25);
  });

  it('has a width for equal scores that are neither 0 nor 1', () => {
    const { low, value, high } = scoreOf('rouge_l', results(Array(100).fill(0.5)));
    expect(value).toBe(0.5);
    expect(high - low).toBeCloseTo(0.192, 2);
  });

  it('bootstraps other scores, the same way each time', () => {
    const rng = createRng(4);
    const scores = results(Array.from({ length: 200 }, () => rng.next()));
    const first = scoreOf('rouge_l', scores);
    expect(scoreOf('rouge_l', scores)).toEqual(first);
    // Standard error of a uniform mean: 1 / sqrt(12 * 200).
    expect(first.high - first.low).toBeCloseTo((2 * 1.96) / Math.sqrt(2400), 2);
  });

  it('covers the true mean in about 95 of 100 samples', () => {
    const rng = createRng(5);
    let covered = 0;
    for (let i = 0; i < 300; i++) {
      // Mean 0.5·0.9 + 0.5·0 of scores piled up at 0.
      const { low, high } = scoreOf(
        'token_f1',
        results(Array.from({ length: 60 }, () => (rng.next() < 0.5 ? 0 : 0.8 + 0.2 * rng.next()))),
      );
      if (low <= 0.45 && 0.45 <= high) covered += 1;
    }
    expect(covered / 300).toBeGreaterThan(0.9);
  });

  it('stays in [0, 1] around the mean', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }),
        (scores) => {
          const { low, value, high } = scoreOf('rouge_l', results(scores));
          expect(0 <= low && low <= value && value <= high && high <= 1).toBe(true);
        },
      ),
      { seed: 3, numRuns: 60 },
    );
  });

  it('refuses no items and scores that are none', () => {
    expect(() => scoreOf('accuracy', [])).toThrow(/at least one item/);
    expect(() => scoreOf('accuracy', results([Number.NaN]))).toThrow(/NaN/);
  });
});
