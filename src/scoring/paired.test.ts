import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../lib/rng.ts';
import { compareItems, standardErrorOf, tangoInterval } from './paired.ts';
import type { ItemResult } from './types.ts';

const results = (scores: number[]): ItemResult[] =>
  scores.map((score, i) => ({ id: String(i), score, prediction: '' }));

/** 0/1 results of two systems; the arguments count the items of each kind. */
function table(both: number, wins: number, losses: number, neither: number): [ItemResult[], ItemResult[]] {
  const fill = (a: number, b: number, c: number, d: number): ItemResult[] =>
    results([
      ...Array(both).fill(a),
      ...Array(wins).fill(b),
      ...Array(losses).fill(c),
      ...Array(neither).fill(d),
    ]);
  return [fill(1, 0, 1, 0), fill(1, 1, 0, 0)];
}

/** The same interval by brute force: likelihood maximised over the losses' probability on a grid. */
function scoreStatistic(wins: number, losses: number, n: number, delta: number): number {
  let best = Number.NEGATIVE_INFINITY;
  let q = 0;
  for (let i = 1; i < 20_000; i++) {
    const p21 = Math.max(0, -delta) + (i / 20_000) * ((1 - Math.abs(delta)) / 2);
    const p12 = p21 + delta;
    const rest = 1 - p12 - p21;
    if (p12 <= 0 || rest <= 0) continue;
    const likelihood = wins * Math.log(p12) + losses * Math.log(p21) + (n - wins - losses) * Math.log(rest);
    if (likelihood > best) [best, q] = [likelihood, p21];
  }
  return (wins - losses - n * delta) / Math.sqrt(n * (2 * q + delta * (1 - delta)));
}

describe('tangoInterval', () => {
  it('ends where the score test refuses at 5 %', () => {
    for (const [wins, losses, n] of [
      [12, 2, 50],
      [31, 11, 400],
      [3, 9, 40],
    ] as const) {
      const { low, high } = tangoInterval(wins, losses, n);
      expect(scoreStatistic(wins, losses, n, low)).toBeCloseTo(1.96, 2);
      expect(scoreStatistic(wins, losses, n, high)).toBeCloseTo(-1.96, 2);
    }
  });

  it('covers the true difference in about 95 of 100 samples', () => {
    const rng = createRng(9);
    let covered = 0;
    for (let i = 0; i < 1000; i++) {
      let wins = 0;
      let losses = 0;
      for (let j = 0; j < 200; j++) {
        const u = rng.next();
        if (u < 0.08) wins += 1;
        else if (u < 0.11) losses += 1;
      }
      const { low, high } = tangoInterval(wins, losses, 200);
      if (low <= 0.05 && 0.05 <= high) covered += 1;
    }
    expect(covered / 1000).toBeGreaterThan(0.93);
    expect(covered / 1000).toBeLessThan(0.97);
  });

  it('mirrors when wins and losses change places, and holds the observed difference', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), fc.nat(30), (wins, losses, ties) => {
        const n = Math.max(1, wins + losses + ties);
        const one = tangoInterval(wins, losses, n);
        const other = tangoInterval(losses, wins, n);
        expect(one.low).toBeCloseTo(-other.high, 9);
        expect(one.low).toBeLessThanOrEqual((wins - losses) / n + 1e-12);
        expect(one.high).toBeGreaterThanOrEqual((wins - losses) / n - 1e-12);
        expect(one.low).toBeGreaterThanOrEqual(-1);
        expect(one.high - one.low).toBeGreaterThan(0);
      }),
      { seed: 4 },
    );
  });
});

describe('compareItems', () => {
  it('compares right and wrong by McNemar', () => {
    const diff = compareItems(...table(300, 31, 11, 278));
    expect(diff).toMatchObject({ wins: 31, losses: 11, n: 620 });
    expect(diff.difference).toBeCloseTo(20 / 620, 12);
    expect(diff.pValue).toBeCloseTo(0.0029, 4);
    expect(diff.low).toBeGreaterThan(0);
  });

  it('matches by id, whatever the order', () => {
    const [a, b] = table(3, 2, 1, 1);
    expect(compareItems(a, [...b].reverse())).toEqual(compareItems(a, b));
  });

  it('never calls a loss an improvement', () => {
    const diff = compareItems(...table(300, 11, 31, 278));
    expect(diff.pValue).toBeLessThan(0.01);
    expect(diff.difference).toBeLessThan(0);
  });

  it('gives equal systems p = 1 and an interval with a width', () => {
    const [a] = table(200, 0, 0, 200);
    const diff = compareItems(a, a);
    expect(diff).toMatchObject({ difference: 0, pValue: 1, wins: 0, losses: 0 });
    expect(diff.high).toBeCloseTo(3.84 / 403.84, 4);
    expect(standardErrorOf(diff)).toBeGreaterThan(0);
    const half = results(Array(400).fill(0.5));
    expect(compareItems(half, half)).toMatchObject({ difference: 0, pValue: 1 });
    expect(standardErrorOf(compareItems(half, half))).toBeGreaterThan(0);
  });

  it('compares other scores by t interval and sign flips', () => {
    // Differences 0.1, 0.2, 0.3: mean 0.2, standard error 0.1 / sqrt(3), t = 4.3027; 2 of 8 sign patterns are as extreme.
    const diff = compareItems(results([0.1, 0.2, 0.3]), results([0.2, 0.4, 0.6]));
    expect(diff.difference).toBeCloseTo(0.2, 12);
    expect(diff.low).toBeCloseTo(0.2 - (4.3027 * 0.1) / Math.sqrt(3), 4);
    expect(diff.pValue).toBe(0.25);
    expect(diff).toMatchObject({ wins: 3, losses: 0, n: 3 });
    expect(compareItems(results([0.3]), results([0.6]))).toMatchObject({ low: -1, high: 1, pValue: 1 });
  });

  it('draws the same sign flips each time, and finds a clear difference', () => {
    const rng = createRng(8);
    const a = Array.from({ length: 200 }, () => rng.next() * 0.8);
    const b = a.map((score) => score + 0.05 + 0.1 * (rng.next() - 0.5));
    const diff = compareItems(results(a), results(b));
    expect(diff).toEqual(compareItems(results(a), results(b)));
    expect(diff.pValue).toBeCloseTo(1 / 5000, 9);
    expect(diff.difference).toBeGreaterThan(0);
  });

  it('rarely sees a difference where there is none', () => {
    const rng = createRng(10);
    let found = 0;
    for (let i = 0; i < 400; i++) {
      const draw = (): ItemResult[] => results(Array.from({ length: 100 }, () => (rng.next() < 0.8 ? 1 : 0)));
      if (compareItems(draw(), draw()).pValue < 0.05) found += 1;
    }
    expect(found / 400).toBeLessThan(0.05);
  });

  it('mirrors when the systems change places', () => {
    const score = fc.constantFrom(0, 0.25, 0.5, 1);
    fc.assert(
      fc.property(fc.array(fc.tuple(score, score), { minLength: 1, maxLength: 15 }), (pairs) => {
        const a = results(pairs.map(([x]) => x));
        const b = results(pairs.map(([, y]) => y));
        const [one, other] = [compareItems(a, b), compareItems(b, a)];
        expect(one.difference).toBeCloseTo(-other.difference, 12);
        expect(one.low).toBeCloseTo(-other.high, 9);
        expect([one.wins, one.losses]).toEqual([other.losses, other.wins]);
        expect(one.pValue).toBeCloseTo(other.pValue, 1);
        expect(one.low <= one.difference && one.difference <= one.high).toBe(true);
      }),
      { seed: 5 },
    );
  });

  it('refuses different, repeated and missing items', () => {
    const [a] = table(2, 0, 0, 1);
    expect(() => compareItems(a, a.slice(1))).toThrow(/same items/);
    expect(() =>
      compareItems(
        a,
        a.map((r, i) => (i === 0 ? { ...r, id: 'z' } : r)),
      ),
    ).toThrow(/one of the two/);
    expect(() => compareItems([...a, a[0]!], [...a, a[0]!])).toThrow(/same items/);
    expect(() => compareItems([], [])).toThrow(/same items/);
  });
});
