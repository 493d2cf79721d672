import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CostLimit } from '../campaign/brief.ts';
import {
  countNodes,
  fewestRows,
  keptBefore,
  minBudget,
  mostRowsThatFit,
  type PricedNode,
  type Purse,
} from './budget-worth.ts';
import { costBand } from './estimate-cost.ts';

const unmeasured = { factor: 1, runs: 0, squaredError: null };
const nodeOf = (seconds: number, usdPerHour: number | null): PricedNode => ({
  ...costBand(seconds, unmeasured, usdPerHour),
  longestSeconds: seconds,
});
const purseOf = (budget: CostLimit, baseline: number, usdPerHour: number | null): Purse => ({
  budget,
  baseline: costBand(baseline, unmeasured, usdPerHour),
  usdPerHour,
});
const minutes = (count: number): CostLimit => ({ computeSeconds: count * 60, usd: null });

test('an hour holds as many runs of four minutes as fit beside the end', () => {
  // Baseline 30 s; end: two repeats of 240 s, their slack of 250 s, and the test, 2 × 70 s.
  expect(countNodes(nodeOf(240, null), purseOf(minutes(60), 30, null), 1000).high).toBe(10);
});

test('a budget that does not even hold the untrained model buys nothing', () => {
  expect(countNodes(nodeOf(1, null), purseOf(minutes(1), 120, null), 1000)).toEqual({ low: 0, high: 0 });
});

test('no more nodes than the brief allows', () => {
  expect(countNodes(nodeOf(1, null), purseOf(minutes(600), 1, null), 7)).toEqual({ low: 7, high: 7 });
});

describe('for any prices and any budget in time, dollars, or both', () => {
  const seconds = fc.double({ min: 0.1, max: 1e5, noNaN: true });
  const limit = fc.option(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { nil: null });
  const cases = fc
    .record({ run: seconds, baseline: seconds, computeSeconds: limit, usd: limit, price: seconds })
    .filter(({ computeSeconds, usd }) => computeSeconds !== null || usd !== null);

  test('promised nodes and what the end keeps never exceed what the budget can pay for, and one more would', () => {
    fc.assert(
      fc.property(cases, ({ run, baseline, computeSeconds, usd, price }) => {
        const purse = purseOf({ computeSeconds, usd }, baseline, price);
        const node = nodeOf(run, price);
        const { low, high: nodes } = countNodes(node, purse, 500);
        expect(low).toBeLessThanOrEqual(nodes);
        const takes = (count: number, side: 'computeSeconds' | 'usd', tight: number): number =>
          purse.baseline.expected[side] +
          (count - 1 + tight) * node.expected[side] +
          keptBefore(node, count - 1, purse)[side];
        const fits = (count: number): boolean =>
          (['computeSeconds', 'usd'] as const).every((side) => {
            const cap = purse.budget[side];
            return cap === null || takes(count, side, 1.3) <= cap * (1 + 1e-9);
          });
        if (nodes > 0) expect(fits(nodes)).toBe(true);
        const holdsBaseline = (['computeSeconds', 'usd'] as const).every((side) => {
          const cap = purse.budget[side];
          return cap === null || purse.baseline.expected[side] * 1.31 <= cap;
        });
        if (nodes < 500 && holdsBaseline) {
          const more = (['computeSeconds', 'usd'] as const).every((side) => {
            const cap = purse.budget[side];
            return cap === null || takes(nodes + 1, side, 1.3) <= cap * (1 - 1e-9);
          });
          expect(more).toBe(false);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('the least budget buys a node', () => {
    fc.assert(
      fc.property(seconds, seconds, (run, baseline) => {
        const node = nodeOf(run, 2);
        const need = minBudget(node, purseOf(minutes(1), baseline, 2));
        for (const budget of [
          { computeSeconds: need.computeSeconds, usd: null },
          { computeSeconds: null, usd: need.usd },
        ])
          expect(countNodes(node, purseOf(budget, baseline, 2), 10).low).toBeGreaterThan(0);
      }),
    );
  });
});

describe('the most rows that fit', () => {
  const upTo = (most: number) => async (rows: number) => rows <= most;

  test('all of them, where all do', async () => {
    expect(await mostRowsThatFit(4321, upTo(5000))).toBe(4321);
  });

  test('a number that people can remember', async () => {
    expect(await mostRowsThatFit(4321, upTo(1288))).toBe(1200);
    expect(await mostRowsThatFit(240, upTo(63))).toBe(63);
  });

  test('none, where not even the fewest do', async () => {
    expect(await mostRowsThatFit(240, upTo(fewestRows - 1))).toBeNull();
    expect(await mostRowsThatFit(fewestRows - 5, upTo(3))).toBeNull();
  });

  test('always rows that fit, within a tenth of the most', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 21, max: 1e6 }),
        fc.integer({ min: 0, max: 1e6 }),
        async (all, most) => {
          const found = await mostRowsThatFit(all, upTo(most));
          if (most < fewestRows) expect(found).toBeNull();
          else {
            expect(found).toBeLessThanOrEqual(Math.min(all, most));
            expect(found).toBeGreaterThan(0.9 * Math.min(all, most));
          }
        },
      ),
    );
  });
});
