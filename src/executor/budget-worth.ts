import type { Cost, CostLimit } from '../campaign/brief.ts';
import { ceilingScale, costOf, scaleCost, without } from '../campaign/cost.ts';
import { finalists, keptSeconds } from './ending-cost.ts';
import type { CostBand } from './estimate-cost.ts';

/** A node before it runs. */
export interface PricedNode extends CostBand {
  /** Expected seconds of its longest trial, and so of a repeat of it. */
  longestSeconds: number;
}

export interface Purse {
  budget: CostLimit;
  baseline: CostBand;
  /** Seconds of the standard tasks for one model; unset: there are none. */
  standardSeconds?: number;
  /** Null when not known; no limit is in dollars then. */
  usdPerHour: number | null;
}

/** The reserve for the end that must stay free before a node starts, after `trained` nodes like it. */
export function keptBefore(node: PricedNode, trained: number, purse: Purse): Cost {
  const runs = new Array<number>(Math.max(1, Math.min(trained, finalists))).fill(node.longestSeconds);
  const { standardSeconds: standard } = purse;
  const baseline = purse.baseline.expected.computeSeconds;
  return costOf(
    keptSeconds({ runs, baseline, ...(standard === undefined ? {} : { standard }) }),
    purse.usdPerHour,
  );
}

/**
 * Nodes that grow from others have more rows, smaller batches or several trials: against the first node of their
 * campaign they cost 1.0 to 2.2 times in campaigns of the rules (`test/operations/worth.test.ts`).
 */
const laterNodes = { cheap: 1, expensive: 2 };

/**
 * Plays the search with a first node like this one, and later ones as cheap or as expensive as `laterNodes` says: each
 * costs its expected amount, and the next starts when it fits beside the reserve for the end, at least with the tightest
 * ceiling.
 * @param max limit on the number of nodes, whatever they cost
 * @returns the number of trained nodes: `low` where later nodes are expensive, `high` where they cost as much as the first
 */
export const countNodes = (node: PricedNode, purse: Purse, max: number): { low: number; high: number } => ({
  low: playNodes(node, timesNode(node, laterNodes.expensive), purse, max),
  high: playNodes(node, timesNode(node, laterNodes.cheap), purse, max),
});

function playNodes(first: PricedNode, later: PricedNode, purse: Purse, max: number): number {
  const { budget, baseline } = purse;
  if (ceilingScale(baseline.expected, baseline.ceiling, budget) === null) return 0;
  let left = without(budget, baseline.expected);
  for (let nodes = 0; nodes < max; nodes++) {
    const next = nodes === 0 ? first : later;
    const free = without(left, keptBefore(nodes < 2 ? first : later, nodes, purse));
    if (ceilingScale(next.expected, next.ceiling, free) === null) return nodes;
    left = without(left, next.expected);
  }
  return max;
}

function timesNode(node: PricedNode, factor: number): PricedNode {
  const times = (cost: Cost): Cost => scaleCost(cost, factor);
  return {
    expected: times(node.expected),
    likely: { low: times(node.likely.low), high: times(node.likely.high) },
    ceiling: times(node.ceiling),
    longestSeconds: node.longestSeconds * factor,
  };
}

/** The budget for one such node and a good end, with each run at the upper end of its likely band. */
export function minBudget(node: PricedNode, purse: Purse): Cost {
  const { likely } = purse.baseline;
  const slow = { ...purse, baseline: { ...purse.baseline, expected: likely.high } };
  const kept = keptBefore(node, 0, slow);
  return costOf(
    likely.high.computeSeconds + node.ceiling.computeSeconds + kept.computeSeconds,
    purse.usdPerHour,
  );
}

/** Expects the upper end of the likely band, so that rows are chosen for a run that a tight ceiling does not end. */
export const carefully = <T extends CostBand>(band: T): T => ({ ...band, expected: band.likely.high });

/** A run on fewer rows, which is less than a campaign can start with, is no evidence. */
export const fewestRows = 20;

/**
 * The maximum number of rows that fit, if more rows never cost less: `all` where that fits, else rounded down to two
 * significant digits, so that people can remember it. Null where not even `fewestRows` fit.
 */
export async function mostRowsThatFit(
  all: number,
  fits: (rows: number) => Promise<boolean>,
): Promise<number | null> {
  if (await fits(all)) return all;
  if (all <= fewestRows || !(await fits(fewestRows))) return null;
  let [low, high] = [fewestRows, all];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await fits(middle)) low = middle;
    else high = middle;
  }
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(low)) - 1);
  return Math.floor(low / digits) * digits;
}
