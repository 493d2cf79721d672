import { expect, test } from 'vitest';
import { type StandardScore, standardChanges } from './standard-tasks.ts';

const score = (over: Partial<StandardScore>): StandardScore => ({
  ...{ task: 'arc_easy', metric: 'acc', value: 0.62, standardError: 0.02, items: 400, higherIsBetter: true },
  ...over,
});
const verdict = (before: Partial<StandardScore>, after: Partial<StandardScore>) =>
  standardChanges([score(before)], [score(after)])[0]?.verdict;

test('a drop counts when it is more than the noise of both measurements', () => {
  expect(verdict({}, { value: 0.57 })).toBe('even');
  expect(verdict({}, { value: 0.56 })).toBe('worse');
  expect(verdict({}, { value: 0.68 })).toBe('better');
});

test('where lower is better, a rise is the drop', () => {
  const perplexity = { metric: 'word_perplexity', higherIsBetter: false, standardError: 0.1 };
  expect(verdict({ ...perplexity, value: 9 }, { ...perplexity, value: 12 })).toBe('worse');
  expect(verdict({ ...perplexity, value: 9 }, { ...perplexity, value: 7 })).toBe('better');
});

test('without an error nothing is said about noise', () => {
  expect(verdict({ standardError: null }, { value: 0.1 })).toBeNull();
});

test('only tasks that were measured both times are compared, by the same metric', () => {
  expect(standardChanges([score({}), score({ task: 'mmlu' })], [score({ value: 0.6 })])).toMatchObject([
    { task: 'arc_easy', before: { value: 0.62 }, after: { value: 0.6 } },
  ]);
  expect(standardChanges([score({})], [score({ metric: 'acc_norm' })])).toEqual([]);
});

test('two models that are always right do not differ', () => {
  expect(verdict({ value: 1, standardError: 0 }, { value: 1, standardError: 0 })).toBe('even');
});
