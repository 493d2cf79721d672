import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../lib/rng.ts';
import { isLeftBehind, rungReached, rungs } from './rungs.ts';

test('a rung is reached once, and of two in one look the later one counts', () => {
  expect(rungReached(0.1, 0)).toBeNull();
  expect(rungReached(0.26, 0)).toBe(0.25);
  expect(rungReached(0.4, 0.25)).toBeNull();
  expect(rungReached(0.9, 0)).toBe(0.5);
  expect(rungReached(0.9, 0.5)).toBeNull();
});

describe('a run is left behind', () => {
  const loss = fc.double({ min: 0.01, max: 10, noNaN: true });

  test('never with fewer than three others', () => {
    fc.assert(
      fc.property(loss, loss, fc.array(loss, { maxLength: 2 }), (own, before, others) => {
        expect(isLeftBehind(own, before, others)).toBeNull();
      }),
    );
  });

  test('never while any other is worse, nor while it falls fast enough to catch up', () => {
    fc.assert(
      fc.property(loss, loss, fc.array(loss, { minLength: 3, maxLength: 9 }), (own, before, others) => {
        const worst = Math.max(...others);
        if (own <= worst || 2 * own - before <= worst) expect(isLeftBehind(own, before, others)).toBeNull();
      }),
    );
  });

  test('when it lies flat above all of them', () => {
    expect(isLeftBehind(1.4, 1.41, [0.9, 1, 0.8])).toBe(0.9);
    expect(isLeftBehind(1.4, 2, [0.9, 1, 0.8])).toBeNull();
    expect(isLeftBehind(1.01, 1.02, [0.99, 1, 0.98])).toBeNull();
  });
});

/** A draw from the standard normal distribution (Box and Muller). */
const normal = (rng: Rng): number =>
  Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());

/**
 * Runs of one recipe whose rates lie around the best one: the further off, the higher the last loss; the lower the rate,
 * the slower the fall, so that curves cross. `noise` is how poorly a loss predicts the score.
 */
function drawRun(rng: Rng, noise: number): { score: number; lossAt(share: number): number } {
  const offRate = 0.7 * normal(rng);
  const last = 0.6 + 0.35 * offRate ** 2 + 0.05 * normal(rng) + 0.02 * normal(rng);
  const speed = 6 * 10 ** (0.4 * offRate) * Math.exp(0.2 * noise * normal(rng));
  return {
    score: 0.9 - 0.2 * (last - 0.6) + 0.02 * noise * normal(rng),
    lossAt: (share) => last + (2.5 - last) * Math.exp(-speed * share) + 0.02 * normal(rng),
  };
}

type Rule = typeof isLeftBehind;
const plainMedian: Rule = (own, _before, others) =>
  others.length >= 3 && own > [...others].sort((a, b) => a - b)[others.length >> 1]! ? 0 : null;

/** Campaigns of eight comparable runs, one by one: how often the best one is ended, and the share of compute saved. */
function simulate(rule: Rule, noise: number): { bestEnded: number; saved: number } {
  const campaigns = 2000;
  let bestEnded = 0;
  let saved = 0;
  for (let campaign = 0; campaign < campaigns; campaign++) {
    const rng = createRng(campaign * 7 + 1);
    const runs = Array.from({ length: 8 }, () => drawRun(rng, noise));
    const best = runs.reduce((top, run) => (run.score > top.score ? run : top));
    const seen = new Map<number, number[]>(rungs.map((rung) => [rung, []]));
    for (const run of runs) {
      for (const rung of rungs) {
        const others = seen.get(rung) as number[];
        const own = run.lossAt(rung);
        const isEnded = rule(own, run.lossAt(rung / 2), others) !== null;
        others.push(own);
        if (!isEnded) continue;
        saved += (1 - rung) / runs.length;
        if (run === best) bestEnded++;
        break;
      }
    }
  }
  return { bestEnded: bestEnded / campaigns, saved: saved / campaigns };
}

test.each([
  ['well', 0.5, 0.005],
  ['fairly', 1, 0.01],
  ['poorly', 2, 0.02],
])(
  'where the loss tells the score %s, the best run is hardly ever ended, and compute is saved',
  (_, noise, most) => {
    const own = simulate(isLeftBehind, noise);
    expect(own.bestEnded).toBeLessThan(most);
    expect(own.saved).toBeGreaterThan(0.04);
    expect(simulate(plainMedian, noise).bestEnded).toBeGreaterThan(0.15);
  },
);
