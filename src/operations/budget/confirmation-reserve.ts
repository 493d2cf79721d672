import type { Cost, CostLimit } from '../../campaign/brief.ts';
import { costOf, without } from '../../campaign/cost.ts';
import type { PlannedNode } from '../../campaign/planned-node.ts';
import {
  type Ending,
  keptSeconds,
  repeatCeiling,
  testAnswerSeconds,
  testSeconds,
} from '../../executor/ending-cost.ts';
import { neededCeiling } from '../../executor/needed-ceiling.ts';
import { budgetLeft } from '../../store/ledger.ts';
import type { NodeRow } from '../../store/nodes.ts';
import type { TrialRow } from '../../store/trials.ts';
import { rankedNodes } from '../view/best-nodes.ts';
import { bestTrialOf, rootOf, scoredTrialOf, type Tree } from '../view/load-tree.ts';

/** The reserve for confirming the best nodes that there are. */
export const confirmationReserve = (tree: Tree, usdPerHour: number | null): Cost =>
  keptFor(
    tree,
    rankedNodes(tree).map((node) => runSeconds(tree, scoredTrialOf(tree, node))),
    usdPerHour,
  );

/** The reserve that a node must leave: for confirming the nodes there are, or the node itself when it is the first. */
export function reserveBeside(tree: Tree, planned: PlannedNode, usdPerHour: number | null): Cost {
  if (rankedNodes(tree).length > 0) return confirmationReserve(tree, usdPerHour);
  const longest = Math.max(...planned.trials.map((t) => t.expected.computeSeconds));
  return keptFor(tree, [longest], usdPerHour);
}

const keptFor = (tree: Tree, runs: number[], usdPerHour: number | null): Cost =>
  costOf(keptSeconds({ runs, ...testOf(tree) }), usdPerHour);

/** The budget without what is spent, reserved, or needed to confirm the winner. */
export const spendableBudget = (tree: Tree, usdPerHour: number | null): CostLimit =>
  without(budgetLeft(tree.campaign.brief.budget, tree.totals), confirmationReserve(tree, usdPerHour));

/** A repeat costs what the run cost that it repeats. */
export function repeatCost(
  tree: Tree,
  node: NodeRow,
  usdPerHour: number | null,
): { expected: Cost; ceiling: Cost } {
  const seconds = runSeconds(tree, scoredTrialOf(tree, node));
  return { expected: costOf(seconds, usdPerHour), ceiling: costOf(repeatCeiling(seconds), usdPerHour) };
}

/** One repeat of each finalist, comfortably, and the test. */
export function finishingCost(tree: Tree, candidates: NodeRow[], usdPerHour: number | null): Cost {
  const repeats = candidates.map((node) => repeatCost(tree, node, usdPerHour).ceiling.computeSeconds);
  const seconds = repeats.reduce((sum, one) => sum + one, 0) + testCost(tree, usdPerHour).computeSeconds;
  return costOf(seconds, usdPerHour);
}

/**
 * The ceiling of opening the test split: the winner answers it, and the baseline where it has not done so at an earlier
 * end.
 */
export const testCost = (tree: Tree, usdPerHour: number | null): Cost =>
  costOf(testSeconds(testOf(tree)), usdPerHour);

/** The ceiling of one run over the test split, with `left` seconds left to the campaign. */
export function answerCeiling(tree: Tree, left: number): number {
  const test = testOf(tree);
  const expected = test.baseline + (test.standard ?? 0);
  return neededCeiling(expected, testAnswerSeconds(test), { left, isMeasured: true });
}

function testOf(tree: Tree): Omit<Ending, 'runs'> {
  const root = rootOf(tree);
  const trial = root === undefined ? undefined : bestTrialOf(tree, root);
  const standard = trial?.outcome?.standardSeconds;
  return {
    baseline: trial === undefined ? 0 : runSeconds(tree, trial),
    answers: trial !== undefined && tree.tested.has(trial.id) ? 1 : 2,
    ...(standard === undefined ? {} : { standard }),
  };
}

/**
 * Seconds that a trial's run took; the expected ones before it has ended. Of several attempts the last one counts,
 * which came to an end: an attempt that was stopped says nothing about the run.
 */
export const runSeconds = (tree: Tree, trial: TrialRow): number =>
  tree.jobs.findLast((job) => job.trialId === trial.id && job.kind === 'run' && job.runSeconds > 0)
    ?.runSeconds ?? trial.expectedSeconds;
