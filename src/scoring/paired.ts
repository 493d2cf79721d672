import { TrexError } from '../lib/errors.ts';
import { createRng } from '../lib/rng.ts';
import { signTest, studentT95, z95 } from './distributions.ts';
import type { ItemResult, PairedDifference } from './types.ts';

const randomFlips = 4999;
/** With at most this many differing items all sign patterns (4,096) are counted; with more, `randomFlips` are drawn. */
const maxExactItems = 12;
const flipSeed = 0xf11b;

/** Scores of both systems in the order of `a`. */
function matchById(a: readonly ItemResult[], b: readonly ItemResult[]): { first: number; second: number }[] {
  const other = new Map(b.map((result) => [result.id, result.score]));
  const ids = new Set(a.map((result) => result.id));
  if (a.length === 0 || ids.size !== a.length || other.size !== b.length || a.length !== b.length) {
    throw new TrexError(
      'items_differ',
      'ours',
      `Two results can only be compared on the same items; here are ${ids.size} of ${a.length} and ${other.size} of ${b.length} distinct ones.`,
    );
  }
  return a.map((result) => {
    const second = other.get(result.id);
    if (second === undefined) {
      throw new TrexError('items_differ', 'ours', `Item ${result.id} was scored for one of the two only.`);
    }
    return { first: result.score, second };
  });
}

/**
 * Score interval for the difference of two paired proportions (Tango 1998, Statistics in Medicine 17:891, eq. 10-12):
 * all differences that the score test does not reject at 5 %. It inverts McNemar's statistic, so that interval and
 * test agree, and it has a width even when no item differs. `wins` and `losses` count discordant items of `n`.
 */
export function tangoInterval(wins: number, losses: number, n: number): { low: number; high: number } {
  const observed = (wins - losses) / n;
  const statistic = (delta: number): number => {
    const a = 2 * n;
    const b = -wins - losses + (2 * n - wins + losses) * delta;
    const c = -losses * delta * (1 - delta);
    const q = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a);
    const variance = n * (2 * q + delta * (1 - delta));
    const distance = wins - losses - n * delta;
    return variance <= 1e-12
      ? Math.sign(distance) * Number.POSITIVE_INFINITY
      : distance / Math.sqrt(variance);
  };
  const solve = (outer: number, bound: number): number => {
    let refused = outer;
    let kept = observed;
    for (let i = 0; i < 60; i++) {
      const middle = (refused + kept) / 2;
      if (Math.abs(statistic(middle)) > bound) refused = middle;
      else kept = middle;
    }
    return (refused + kept) / 2;
  };
  return {
    low: observed <= -1 ? -1 : solve(-1, z95),
    high: observed >= 1 ? 1 : solve(1, z95),
  };
}

/**
 * Sign-flip permutation test of a zero mean, two-sided (Good 2005, section 3.2.1). Items without a difference change
 * nothing and are left out.
 */
function signFlipTest(differences: number[], seed: number): number {
  const moved = differences.filter((d) => d !== 0);
  const n = moved.length;
  if (n === 0) return 1;
  const observed = Math.abs(moved.reduce((sum, d) => sum + d, 0)) - 1e-12;
  let extreme = 0;
  if (n <= maxExactItems) {
    for (let pattern = 0; pattern < 2 ** n; pattern++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (pattern >> i) & 1 ? moved[i]! : -moved[i]!;
      if (Math.abs(sum) >= observed) extreme += 1;
    }
    return extreme / 2 ** n;
  }
  const rng = createRng(seed);
  for (let flip = 0; flip < randomFlips; flip++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += rng.next() < 0.5 ? moved[i]! : -moved[i]!;
    if (Math.abs(sum) >= observed) extreme += 1;
  }
  return (extreme + 1) / (randomFlips + 1);
}

function meanInterval(differences: number[], mean: number): { low: number; high: number } {
  const n = differences.length;
  if (n === 1) return { low: -1, high: 1 };
  const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (n - 1);
  // Equal differences show no spread; Tango's width for n ties replaces it.
  const half = variance < 1e-18 ? (z95 * z95) / (n + z95 * z95) : studentT95(n - 1) * Math.sqrt(variance / n);
  return { low: Math.max(-1, mean - half), high: Math.min(1, mean + half) };
}

/**
 * Compares two systems on the same items, matched by id.
 *
 * Scores all 0 or 1: exact McNemar test and Tango's interval. Otherwise: sign-flip permutation test and paired t
 * interval.
 * @throws TrexError `items_differ` when the two sets of ids are not the same, hold duplicates or are empty.
 */
export function compareItems(a: readonly ItemResult[], b: readonly ItemResult[]): PairedDifference {
  const pairs = matchById(a, b);
  const n = pairs.length;
  const differences = pairs.map((pair) => pair.second - pair.first);
  const wins = differences.filter((d) => d > 0).length;
  const losses = differences.filter((d) => d < 0).length;
  const binary = pairs.every(
    ({ first, second }) => (first === 0 || first === 1) && (second === 0 || second === 1),
  );
  if (binary) {
    return {
      difference: (wins - losses) / n,
      ...tangoInterval(wins, losses, n),
      pValue: signTest(wins, losses),
      wins,
      losses,
      n,
    };
  }
  const difference = differences.reduce((sum, d) => sum + d, 0) / n;
  return {
    difference,
    ...meanInterval(differences, difference),
    pValue: signFlipTest(differences, flipSeed),
    wins,
    losses,
    n,
  };
}

/** Standard error implied by the 95 % interval; never zero. For pooling differences of several pairs. */
export function standardErrorOf(diff: PairedDifference): number {
  return (diff.high - diff.low) / (2 * z95);
}
