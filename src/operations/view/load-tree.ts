import type { Cost } from '../../campaign/brief.ts';
import { noCost, sumCosts } from '../../campaign/cost.ts';
import { bannedSubtrees } from '../../campaign/steering.ts';
import { existing } from '../../lib/errors.ts';
import type { NodeMemory } from '../../researcher/port.ts';
import type { SearchTree } from '../../search/types.ts';
import { type ActiveCampaign, asActive, getCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { type JobRow, listJobs } from '../../store/jobs.ts';
import { type LedgerTotals, ledgerTotals } from '../../store/ledger.ts';
import { listNodes, type NodeRow } from '../../store/nodes.ts';
import { listSplitScores, listTrials, type TrialRow } from '../../store/trials.ts';
import { trialView } from './trial-view.ts';

/** A campaign with its tree as stored: what one pass of the scheduler decides on. */
export interface Tree {
  campaign: ActiveCampaign;
  nodes: NodeRow[];
  trials: TrialRow[];
  jobs: JobRow[];
  totals: LedgerTotals;
  /** Ids of the trials that have answered the test rows. */
  tested: ReadonlySet<number>;
}

/** @throws TrexError when the campaign has no brief yet */
export async function loadTree(ctx: { db: DbOrTx }, campaignId: string): Promise<Tree> {
  const [campaign, nodes, trials, jobs, totals, scores] = await Promise.all([
    getCampaign(ctx.db, campaignId),
    listNodes(ctx.db, campaignId),
    listTrials(ctx.db, campaignId),
    listJobs(ctx.db, campaignId),
    ledgerTotals(ctx.db, campaignId),
    listSplitScores(ctx.db, campaignId),
  ]);
  const tested = new Set(scores.flatMap((s) => (s.split === 'test' ? [s.trialId] : [])));
  return { campaign: asActive(campaign), nodes, trials, jobs, totals, tested };
}

export const searchTrials = (tree: Tree, nodeId: number): TrialRow[] =>
  tree.trials.filter((t) => t.nodeId === nodeId && t.purpose === 'search');

export const bestTrialOf = (tree: Pick<Tree, 'trials'>, node: NodeRow): TrialRow | undefined =>
  tree.trials.find((t) => t.id === node.bestTrialId);

/** @throws Error when the node has no trial that gave it a score */
export const scoredTrialOf = (tree: Pick<Tree, 'trials'>, node: NodeRow): TrialRow =>
  existing(bestTrialOf(tree, node), `The best trial of #${node.number}`);

/** @throws Error when the tree has no such node */
export const nodeOf = (tree: Pick<Tree, 'nodes'>, number: number): NodeRow =>
  existing(
    tree.nodes.find((n) => n.number === number),
    `#${number}`,
  );

/** The untrained model, the reference of every comparison; undefined before it was planned. */
export const rootOf = (tree: Pick<Tree, 'nodes'>): NodeRow | undefined =>
  tree.nodes.find((n) => n.parentId === null);

/**
 * The tree as the search policies see it. A node that waits for approval parks its branch, a ban by people closes it.
 */
export function toSearchTree(tree: Tree, closed: ReadonlySet<number>): SearchTree {
  const { pinnedNodes = [], bannedNodes = [] } = tree.campaign.steering;
  const places = placesOf(tree);
  const banned = bannedSubtrees(places, bannedNodes);
  return {
    nodes: tree.nodes.map((n, i) => ({
      id: n.number,
      parentId: places[i]?.parent ?? null,
      state: n.state === 'scored' || n.state === 'failed' || n.state === 'withdrawn' ? n.state : 'pending',
      value: n.score?.value ?? null,
      parked: n.state === 'awaiting_approval',
      closed: closed.has(n.number) || banned.has(n.number),
      pinned: pinnedNodes.includes(n.number),
    })),
  };
}

/** Numbers of all nodes with those of their parents, in order of creation. */
export function placesOf(tree: Pick<Tree, 'nodes'>): { number: number; parent: number | null }[] {
  const numbers = new Map(tree.nodes.map((n) => [n.id, n.number]));
  return tree.nodes.map(({ number, parentId }) => ({
    number,
    parent: parentId === null ? null : (numbers.get(parentId) ?? null),
  }));
}

/** A node as the Researcher may see it: without select and test. */
export function toMemory(tree: Tree, node: NodeRow): NodeMemory {
  const own = searchTrials(tree, node.id);
  const best = bestTrialOf(tree, node);
  const parent = tree.nodes.find((n) => n.id === node.parentId);
  return {
    view: {
      number: node.number,
      parent: parent?.number ?? null,
      state: node.state,
      strategy: node.strategy,
      title: node.title,
      hypothesis: node.hypothesis,
      score: node.score,
      delta: node.delta,
      trials: own.map((t) => trialView(t, { cost: noCost, score: null })),
      bestTrial: best?.index ?? null,
      cost: noCost,
      failure: node.failure,
      approval: null,
      codeApproval: null,
      diagnosis: node.diagnosis,
      startedAfterSeconds: null,
      finishedAfterSeconds: null,
    },
    recipe: node.recipe,
    training: best?.spec.training ?? own[0]?.spec.training ?? node.proposal?.trials[0]?.training ?? null,
    factors: node.factors,
    expectedSeconds: own.length === 0 ? null : sumCost(own, 'expected').computeSeconds,
  };
}

/** When the last job ended; nothing of the campaign ran after that. The beginning of time without jobs. */
export const lastJobEnd = ({ jobs }: Pick<Tree, 'jobs'>): Date =>
  new Date(Math.max(0, ...jobs.map(({ endedAt }) => endedAt?.getTime() ?? 0)));

/** Expected cost or ceilings of trials, summed. */
export const sumCost = (trials: TrialRow[], which: 'expected' | 'ceiling'): Cost =>
  sumCosts(
    trials.map((t) =>
      which === 'expected'
        ? { computeSeconds: t.expectedSeconds, usd: t.expectedUsd }
        : { computeSeconds: t.ceilingSeconds, usd: t.ceilingUsd },
    ),
  );
