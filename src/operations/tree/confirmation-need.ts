import type { Brief, Cost, CostLimit } from '../../campaign/brief.ts';
import { costBand, costOf } from '../../executor/estimate-cost.ts';
import type { JobRow } from '../../store/jobs.ts';
import { budgetLeft } from '../../store/ledger.ts';
import type { NodeRow } from '../../store/nodes.ts';
import type { TrialRow } from '../../store/trials.ts';
import { bestTrialOf, type Tree } from './load-tree.ts';
import type { PlannedNode } from './plan-node.ts';

/** Finalists that are repeated, and fresh seeds for each. */
export const finalists = 2;
export const freshSeeds = 3;

/** Two runs of one spec differ by what else the machine does: measured up to 2.2 times on two busy cores. */
const repeatSlack = 2;
const startSlackSeconds = 10;

/**
 * What must stay of the budget while searching: one repeat of each finalist at the cost that was measured, the
 * slack of the last ceiling, and the test. More repeats are made when there is money for them.
 */
export function confirmationNeed(tree: Tree, usdPerHour: number | null): Cost {
  const best = rankedNodes(tree).slice(0, finalists);
  if (best.length === 0) return costOf(0, usdPerHour);
  const repeats = best.map((node) => repeatCost(tree, node, usdPerHour));
  const expected = repeats.reduce((sum, cost) => sum + cost.expected.computeSeconds, 0);
  const slack = Math.max(
    ...repeats.map((cost) => cost.ceiling.computeSeconds - cost.expected.computeSeconds),
  );
  return costOf(expected + slack + testCost(tree, usdPerHour).computeSeconds, usdPerHour);
}

/** What the search may still spend: the budget without what is spent, held, or needed to confirm the winner. */
export function spendable(tree: Tree, usdPerHour: number | null): CostLimit {
  const left = budgetLeft((tree.campaign.brief as Brief).budget, tree.totals);
  const need = confirmationNeed(tree, usdPerHour);
  const minus = (cap: number | null, kept: number): number | null =>
    cap === null ? null : Math.max(0, cap - kept);
  return { computeSeconds: minus(left.computeSeconds, need.computeSeconds), usd: minus(left.usd, need.usd) };
}

/** A repeat costs what the run cost that it repeats. */
export function repeatCost(
  tree: Tree,
  node: NodeRow,
  usdPerHour: number | null,
): { expected: Cost; ceiling: Cost } {
  const trial = bestTrialOf(tree, node) as TrialRow;
  const seconds = runSeconds(tree, trial);
  return {
    expected: costOf(seconds, usdPerHour),
    ceiling: costOf(seconds * repeatSlack + startSlackSeconds, usdPerHour),
  };
}

/** One repeat of each finalist, comfortably, and the test. */
export function endingCost(tree: Tree, candidates: NodeRow[], usdPerHour: number | null): Cost {
  const repeats = candidates.map((node) => repeatCost(tree, node, usdPerHour).ceiling.computeSeconds);
  const seconds = repeats.reduce((sum, one) => sum + one, 0) + testCost(tree, usdPerHour).computeSeconds;
  return costOf(seconds, usdPerHour);
}

/** What ending a campaign with a single round of such a cost takes: one repeat of it, and the test. */
export const endingSeconds = (tree: Tree, runSeconds: number): number =>
  runSeconds * repeatSlack + startSlackSeconds + testCost(tree, null).computeSeconds;

/**
 * The ceiling of opening the test split: the winner answers it, and the baseline where it has not done so at an earlier
 * end.
 */
export function testCost(tree: Tree, usdPerHour: number | null): Cost {
  const trial = baselineTrial(tree);
  const answers = trial !== undefined && tree.tested.has(trial.id) ? 1 : 2;
  return costOf(answers * answerSeconds(tree), usdPerHour);
}

/** The ceiling of one answer to the test split: as the baseline answered search, with the standard tasks that it tried. */
export function answerSeconds(tree: Tree): number {
  const trial = baselineTrial(tree);
  const seconds = trial === undefined ? 0 : runSeconds(tree, trial);
  return seconds * repeatSlack + startSlackSeconds + standardCeiling(trial);
}

function baselineTrial(tree: Tree): TrialRow | undefined {
  const root = tree.nodes.find((n) => n.parentId === null);
  return root === undefined ? undefined : bestTrialOf(tree, root);
}

function standardCeiling(root: TrialRow | undefined): number {
  const seconds = root?.outcome?.standardSeconds;
  if (seconds === undefined) return 0;
  return costBand(seconds, { factor: 1, runs: 0, squaredError: null }, null).ceiling.computeSeconds;
}

/** Seconds that a trial's run took; expected ones before it has ended. */
export const runSeconds = (tree: Tree, trial: TrialRow): number =>
  measuredSeconds(tree, trial) ?? trial.expectedSeconds;

function measuredSeconds(tree: Tree, trial: TrialRow): number | null {
  const run = tree.jobs.find(
    (job: JobRow) => job.trialId === trial.id && job.kind === 'run' && job.runSeconds > 0,
  );
  return run?.runSeconds ?? null;
}

/** Scored rounds that trained something, best search score first; the older of equals. */
export function rankedNodes(tree: Tree): NodeRow[] {
  return tree.nodes
    .filter((n) => n.state === 'scored' && n.parentId !== null && n.score !== null && n.bestTrialId !== null)
    .sort((a, b) => (b.score?.value ?? 0) - (a.score?.value ?? 0) || a.number - b.number);
}

/** What a round may not spend: the end of the campaign with what is there, or with the round itself when it is the first. */
export function keptFree(tree: Tree, round: PlannedNode, usdPerHour: number | null): Cost {
  if (rankedNodes(tree).length > 0) return confirmationNeed(tree, usdPerHour);
  const longest = Math.max(...round.trials.map((t) => t.expected.computeSeconds));
  return costOf(endingSeconds(tree, longest), usdPerHour);
}
