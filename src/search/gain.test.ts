import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { doublings, type EndedNode, lastDoubling } from './gain.ts';

const round = (number: number, value: number | null, costSeconds: number): EndedNode => ({
  number,
  value,
  isTrained: number > 0,
  costSeconds,
});

describe('the last doubling of the compute', () => {
  test('compares the best of the first half with the best of all', () => {
    const rounds = [
      round(0, 0, 1),
      round(1, 0.7, 10),
      round(2, null, 5),
      round(3, 0.8, 14),
      round(4, 0.75, 15),
      round(5, 0.84, 15),
    ];
    expect(lastDoubling(rounds)).toEqual({
      before: 3,
      best: 5,
      beforeSeconds: 30,
      spentSeconds: 60,
      nodes: 6,
    });
  });

  test('is the same round twice when nothing better came', () => {
    const rounds = [
      round(0, 0, 1),
      round(1, 0.9, 10),
      round(2, 0.8, 10),
      round(3, 0.7, 10),
      round(4, 0.9, 10),
    ];
    expect(lastDoubling(rounds)).toMatchObject({ before: 1, best: 1 });
  });

  test('is not told of a tree that is too young', () => {
    expect(lastDoubling([])).toBeNull();
    expect(
      lastDoubling([round(0, 0, 1), round(1, 0.7, 10), round(2, 0.7, 10), round(3, 0.8, 10)]),
    ).toBeNull();
    // One long first node: the gain over the untrained model is no rate.
    const late = [
      round(0, 0, 1),
      round(1, 0.7, 100),
      round(2, 0.7, 10),
      round(3, 0.8, 10),
      round(4, 0.8, 10),
    ];
    expect(lastDoubling(late)).toBeNull();
    expect(lastDoubling([1, 2, 3, 4].map((n) => round(n, 0.5, 0)))).toBeNull();
  });

  test('never tells of a loss, nor of more than half as early', () => {
    const any = fc.record({
      value: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      costSeconds: fc.double({ min: 0, max: 1000, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), (list) => {
        const rounds = list.map((r, number) => ({ ...r, number, isTrained: number > 0 }));
        const found = lastDoubling(rounds);
        if (found === null) return;
        const value = (n: number): number => rounds[n]?.value as number;
        expect(value(found.best)).toBeGreaterThanOrEqual(value(found.before));
        expect(found.beforeSeconds * 2).toBeLessThanOrEqual(found.spentSeconds + 1e-9);
      }),
    );
  });
});

test('as much again is one doubling', () => {
  expect(doublings(60, 60)).toBe(1);
  expect(doublings(60, 180)).toBe(2);
  expect(doublings(60, 0)).toBe(0);
});
