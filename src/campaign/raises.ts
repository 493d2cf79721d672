import type { Cost, CostLimit } from './brief.ts';
import { missingFor } from './cost.ts';

const minute = 60;
const hour = 3600;
const niceSeconds = [
  ...[1, 2, 3, 5, 10, 15, 20, 30, 45].map((n) => n * minute),
  ...[1, 1.5, 2, 3, 5, 10, 15, 20, 30, 50].map((n) => n * hour),
];
const niceUsd = [1, 2, 5, 10, 20, 50];

/**
 * Two amounts to offer when the budget is used up: the smallest round one that covers the missing amount, and one that
 * lasts: three times that, or half of the budget again. A side that is not missing is not raised.
 */
export function raiseSteps(missing: CostLimit, budget: CostLimit): [CostLimit, CostLimit] {
  const seconds = stepsOf(missing.computeSeconds, budget.computeSeconds, niceSeconds, 100 * hour);
  const usd = stepsOf(missing.usd, budget.usd, niceUsd, 100);
  return [
    { computeSeconds: seconds?.[0] ?? null, usd: usd?.[0] ?? null },
    { computeSeconds: seconds?.[1] ?? null, usd: usd?.[1] ?? null },
  ];
}

const upTo = (amount: number, nice: number[], coarse: number): number =>
  nice.find((n) => n >= amount) ?? Math.ceil(amount / coarse) * coarse;

/** The next round amounts, of time and of money. */
const roundUpTo = ({ computeSeconds, usd }: Cost): Cost => ({
  computeSeconds: upTo(computeSeconds, niceSeconds, 100 * hour),
  usd: upTo(usd, niceUsd, 100),
});

/** The limits that are below the total need, raised to a round amount that is enough; null where none is. */
export function raiseFor(budget: CostLimit, need: Cost): CostLimit | null {
  const missing = missingFor(need, budget);
  if (missing.computeSeconds === null && missing.usd === null) return null;
  const enough = roundUpTo(need);
  return {
    computeSeconds: missing.computeSeconds === null ? budget.computeSeconds : enough.computeSeconds,
    usd: missing.usd === null ? budget.usd : enough.usd,
  };
}

function stepsOf(
  missing: number | null,
  budget: number | null,
  nice: number[],
  coarse: number,
): [number, number] | null {
  if (missing === null) return null;
  const up = (amount: number): number => upTo(amount, nice, coarse);
  const small = up(missing);
  return [small, Math.max(up(Math.max(missing * 3, (budget ?? 0) / 2)), up(small + 1))];
}
