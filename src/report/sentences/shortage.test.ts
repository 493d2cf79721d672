import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cost, CostLimit } from '../../campaign/brief.ts';
import { limitText } from '../format.ts';
import { isUsedUp, type Shortage, shortageReason, shortageText } from './shortage.ts';

const seconds = (computeSeconds: number): Cost => ({ computeSeconds, usd: 0 });
const run: Shortage = {
  what: 'a training run',
  expected: seconds(40),
  ceiling: seconds(114),
  kept: { cost: seconds(60), purpose: 'to confirm it' },
  need: seconds(174),
};
const threeMinutes: CostLimit = { computeSeconds: 180, usd: null };

test('what does not fit is told with its price and with what is left', () => {
  expect(shortageText(run, threeMinutes, { computeSeconds: 167, usd: null })).toBe(
    'The 2.8 min left are not enough for a training run (about 40 s, at most 1.9 min, and 1 min to confirm it).',
  );
});

test('a budget is used up when nothing is left of it', () => {
  expect(shortageText(run, threeMinutes, { computeSeconds: 0, usd: null })).toBe(
    'The budget of 3 min is used up: nothing is left for a training run (about 40 s, at most 1.9 min, and 1 min to confirm it).',
  );
  expect(shortageReason(run, { computeSeconds: 0, usd: null })).toBe('the budget is used up');
});

test('where the price comes from, and what else there is to know, is said', () => {
  const told = { ...run, basis: 'measured: 3 steps of 9 s', note: 'Without it there is no winner' };
  expect(shortageText(told, threeMinutes, { computeSeconds: 20, usd: null })).toMatch(
    /to confirm it; measured: 3 steps of 9 s\)\. Without it there is no winner\.$/,
  );
});

test('"used up" is said if and only if nothing is left on a side that is limited', () => {
  const amount = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: null });
  fc.assert(
    fc.property(amount, amount, (computeSeconds, usd) => {
      const left = { computeSeconds, usd };
      const none = (value: number | null, unit: number): boolean => value !== null && value < unit;
      const expected = none(computeSeconds, 0.05) || none(usd, 0.005);
      expect(isUsedUp(left)).toBe(expected);
      const text = shortageText(run, left, left);
      expect(text.includes('used up')).toBe(expected);
      expect(shortageReason(run, left).includes('used up')).toBe(expected);
      if (!expected) expect(text).toContain(`The ${limitText(left)} left`);
    }),
  );
});
