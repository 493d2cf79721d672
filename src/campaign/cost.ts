import type { Cost, CostLimit } from './brief.ts';

export const noCost: Cost = { computeSeconds: 0, usd: 0 };

export const addCost = (a: Cost, b: Cost): Cost => ({
  computeSeconds: a.computeSeconds + b.computeSeconds,
  usd: a.usd + b.usd,
});

export const sumCosts = (costs: readonly Cost[]): Cost => costs.reduce(addCost, noCost);

export const scaleCost = (cost: Cost, factor: number): Cost => ({
  computeSeconds: cost.computeSeconds * factor,
  usd: cost.usd * factor,
});

/** Dollars are 0 while the price is unknown: then a limit in dollars was never accepted. */
export const costOf = (seconds: number, usdPerHour: number | null): Cost => ({
  computeSeconds: seconds,
  usd: (seconds / 3600) * (usdPerHour ?? 0),
});

/** Seconds that a limit permits on both its sides; infinite where neither limits time. */
export function secondsOf(limit: CostLimit, usdPerHour: number | null): number {
  const bySeconds = limit.computeSeconds ?? Number.POSITIVE_INFINITY;
  const byUsd =
    limit.usd === null || !usdPerHour ? Number.POSITIVE_INFINITY : (limit.usd / usdPerHour) * 3600;
  return Math.min(bySeconds, byUsd);
}

/** Above either limit; a side without a limit is never above. */
export const isAbove = (cost: Cost, limit: CostLimit): boolean =>
  (limit.computeSeconds !== null && cost.computeSeconds > limit.computeSeconds) ||
  (limit.usd !== null && cost.usd > limit.usd);

/** Rest of a limit after an amount that is reserved or spent; nothing below zero, null where there is no limit. */
export const without = (limit: CostLimit, kept: Cost): CostLimit => ({
  computeSeconds:
    limit.computeSeconds === null ? null : Math.max(0, limit.computeSeconds - kept.computeSeconds),
  usd: limit.usd === null ? null : Math.max(0, limit.usd - kept.usd),
});

/** A limit raised by an amount; a side without a limit stays without one. */
export const addLimit = (limit: CostLimit, more: CostLimit | null): CostLimit => {
  const plus = (cap: number | null, amount: number | null): number | null =>
    cap === null || amount === null ? cap : cap + amount;
  return {
    computeSeconds: plus(limit.computeSeconds, more?.computeSeconds ?? null),
    usd: plus(limit.usd, more?.usd ?? null),
  };
};

/** The amount by which the available budget falls short of `need`; null where nothing is missing. */
export function missingFor(need: Cost, left: CostLimit): CostLimit {
  const missing = (cap: number | null, amount: number): number | null =>
    cap === null || amount <= cap ? null : amount - cap;
  return {
    computeSeconds: missing(left.computeSeconds, need.computeSeconds),
    usd: missing(left.usd, need.usd),
  };
}

/** A ceiling this close to the expected cost would stop healthy runs. */
const tightestCeiling = 1.3;

/**
 * Lowers ceilings to the remaining budget, when the expected cost still fits with room to spare: a small budget then
 * buys runs with a tight ceiling instead of none.
 * @returns the factor for all ceilings, or null when the work does not fit
 */
export function ceilingScale(expected: Cost, ceiling: Cost, left: CostLimit): number | null {
  let share = 1;
  for (const side of ['computeSeconds', 'usd'] as const) {
    const cap = left[side];
    if (cap === null || ceiling[side] <= cap) continue;
    if (expected[side] * tightestCeiling > cap) return null;
    share = Math.min(share, cap / ceiling[side]);
  }
  return share;
}
