import type { Cost } from '../../campaign/brief.ts';
import { costOf } from '../../executor/estimate-cost.ts';
import type { NodeRow } from '../../store/nodes.ts';
import type { TrialRow } from '../../store/trials.ts';
import { bestTrialOf, type Tree } from './load-tree.ts';

/** Finalists that are repeated, and fresh seeds for each. */
export const finalists = 2;
export const freshSeeds = 3;

/** Seconds the two test predictions take at most: baseline and winner. */
export const testCeilingSeconds = 30;

/**
 * What must stay of the budget so that the winner can be confirmed: the measured cost of the best rounds, repeated
 * with fresh seeds, and the test. Runs of one seed follow each other, so only their expected cost counts, with the
 * slack of one ceiling.
 */
export function confirmationNeed(tree: Tree, usdPerHour: number | null): Cost {
  const best = rankedNodes(tree).slice(0, finalists);
  if (best.length === 0) return { computeSeconds: 0, usd: 0 };
  const costs = best.map((node) => bestTrialOf(tree, node) as TrialRow);
  const repeats = costs.reduce((sum, trial) => sum + trial.expectedSeconds * freshSeeds, 0);
  const slack = Math.max(...costs.map((trial) => trial.ceilingSeconds - trial.expectedSeconds));
  return costOf(repeats * 1.15 + slack + testCeilingSeconds * 2, usdPerHour);
}

/** Scored rounds that trained something, best search score first; the older of equals. */
export function rankedNodes(tree: Tree): NodeRow[] {
  return tree.nodes
    .filter((n) => n.state === 'scored' && n.parentId !== null && n.score !== null && n.bestTrialId !== null)
    .sort((a, b) => (b.score?.value ?? 0) - (a.score?.value ?? 0) || a.number - b.number);
}
