import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreItem, scorePredictions } from './metrics.ts';
import { metricNames } from './types.ts';

describe('scoreItem', () => {
  it('exact_match forgives outer spaces and Unicode form only', () => {
    expect(scoreItem('exact_match', ' 2024-03-05\n', '2024-03-05')).toBe(1);
    expect(scoreItem('exact_match', 'cafe\u0301', 'caf\u00e9')).toBe(1);
    expect(scoreItem('exact_match', 'Yes', 'yes')).toBe(0);
    expect(scoreItem('exact_match', 'a  b', 'a b')).toBe(0);
  });

  it('accuracy also forgives case and inner spaces', () => {
    expect(scoreItem('accuracy', ' Very  Good ', 'very good')).toBe(1);
    expect(scoreItem('accuracy', 'good', 'very good')).toBe(0);
  });

  it('token_f1 follows SQuAD: no articles, no punctuation, bags of words', () => {
    expect(scoreItem('token_f1', 'The Eiffel-Tower!', 'eiffeltower')).toBe(1);
    // Two of three predicted words are right, and all two expected ones are found.
    expect(scoreItem('token_f1', 'in Paris France', 'Paris, France')).toBeCloseTo(0.8, 12);
    expect(scoreItem('token_f1', 'cat cat', 'cat')).toBeCloseTo(2 / 3, 12);
    expect(scoreItem('token_f1', '', 'the')).toBe(1);
    expect(scoreItem('token_f1', '', 'cat')).toBe(0);
  });

  it.each<[prediction: string, expected: string, score: number]>([
    ['día', 'dí', 0],
    ['la', 'l', 0],
    ['«Paris»', 'Paris', 1],
    ['„Paris“ …', 'paris', 1],
    ['北京。', '北京', 1],
    ['Ça va à la mer', 'ça va à la mer', 1],
    ['café a', 'café', 1],
    ['naïve an', 'naïve', 1],
    ['कमी', 'कम', 0],
  ])('token_f1 reads words and punctuation of every script: %s for %s', (prediction, expected, score) => {
    expect(scoreItem('token_f1', prediction, expected)).toBe(score);
  });

  it('rouge_l rewards the order of words', () => {
    // Lin 2004, section 3.1: S2 shares a run of three words with the reference, S3 of two.
    expect(scoreItem('rouge_l', 'police kill the gunman', 'police killed the gunman')).toBe(0.75);
    expect(scoreItem('rouge_l', 'the gunman kill police', 'police killed the gunman')).toBe(0.5);
    expect(scoreItem('rouge_l', '', 'police')).toBe(0);
  });

  it('contains wants whole words', () => {
    expect(scoreItem('contains', 'It is 12 km.', '12')).toBe(1);
    expect(scoreItem('contains', 'in 2012', '12')).toBe(0);
    expect(scoreItem('contains', '2012, then 12', '12')).toBe(1);
    expect(scoreItem('contains', '答案是北京。', '北京')).toBe(1);
    expect(scoreItem('contains', 'anything', '')).toBe(0);
    expect(scoreItem('contains', ' ', '')).toBe(1);
  });

  it.each<[prediction: string, expected: string, score: number]>([
    ['The answer is 12.5', '12', 0],
    ['The answer is 12.5', '5', 0],
    ['The answer is 12.5', '12.5', 1],
    ['It is 12.', '12', 1],
    ['12, 13 or 14', '13', 1],
    ['-5', '5', 0],
    ['(−5)', '5', 0],
    ['-5', '-5', 1],
    ['3-5', '-5', 0],
    ['3-5', '5', 1],
    ['1,200', '200', 0],
    ['1,200', '1', 0],
    ["1'200", '200', 0],
    ['3/4', '3', 0],
    ['at 12:30', '30', 0],
    ['answer:5', '5', 1],
    ['.5', '5', 0],
    ['end.5', '5', 1],
    ['कमी है', 'कम', 0],
    ['कमी है', 'कमी', 1],
    ['กำ', 'ก', 1],
    ['ก็', 'ก', 0],
    ['𝐀𝐁 x', '𝐀', 0],
  ])('contains takes numbers and words whole: %s for %s', (prediction, expected, score) => {
    expect(scoreItem('contains', prediction, expected)).toBe(score);
  });

  it('is in [0, 1], and 1 for the expected text itself', () => {
    fc.assert(
      fc.property(fc.constantFrom(...metricNames), fc.string(), fc.string(), (metric, a, b) => {
        const score = scoreItem(metric, a, b);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(scoreItem(metric, b, b)).toBe(1);
      }),
      { seed: 2 },
    );
  });
});

describe('scorePredictions', () => {
  const items = [
    { id: 'x', prompt: 'p', completion: 'a' },
    { id: 'y', prompt: 'q', completion: 'b' },
  ];

  it('keeps the order of the items', () => {
    const results = scorePredictions(
      'exact_match',
      items,
      new Map([
        ['y', 'b'],
        ['x', ''],
      ]),
    );
    expect(results).toEqual([
      { id: 'x', score: 0, prediction: '' },
      { id: 'y', score: 1, prediction: 'b' },
    ]);
  });

  it('refuses a missing prediction instead of calling it wrong', () => {
    expect(() => scorePredictions('exact_match', items, new Map([['x', 'a']]))).toThrow(/1 of 2 items/);
  });
});
