import fc from 'fast-check';
import { expect, test } from 'vitest';
import { neededCeiling } from './needed-ceiling.ts';

const seconds = fc.nat({ max: 1_000_000 });

test('it is never below the price, and beyond it never takes more than a fifth of what is left', () => {
  fc.assert(
    fc.property(seconds, seconds, seconds, fc.boolean(), (expected, ceiling, left, isMeasured) => {
      const given = neededCeiling(expected, ceiling, { left, isMeasured });
      expect(given).toBeGreaterThanOrEqual(ceiling);
      expect(given).toBeLessThanOrEqual(Math.max(ceiling, left / 5 + 1e-6));
    }),
  );
});

test('a second of work may take a minute to start on a busy machine, where the budget is not small', () => {
  expect(neededCeiling(1, 23, { left: 600, isMeasured: true })).toBeGreaterThan(60);
  expect(neededCeiling(1, 23, { left: 300, isMeasured: true })).toBe(60);
  expect(neededCeiling(1, 23, { left: 60, isMeasured: true })).toBe(23);
});

test('a formula may be ten times off, and a hung try does not take a night without a limit', () => {
  const unlimited = { left: Number.POSITIVE_INFINITY };
  expect(neededCeiling(120, 320, { ...unlimited, isMeasured: false })).toBe(1260);
  expect(neededCeiling(120, 214, { ...unlimited, isMeasured: true })).toBe(360);
});
