import type { Cost } from '../../campaign/brief.ts';
import { summariseTraining } from '../../executor/summarise-training.ts';
import type { NodeMemory } from '../../researcher/port.ts';
import type { SearchTree } from '../../search/types.ts';
import { type CampaignRow, getCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { type JobRow, listJobs } from '../../store/jobs.ts';
import { type LedgerTotals, ledgerTotals } from '../../store/ledger.ts';
import { listNodes, type NodeRow } from '../../store/nodes.ts';
import { listTrials, type TrialRow } from '../../store/trials.ts';

/** A campaign with its tree as it stands in the database: what one pass of the scheduler decides on. */
export interface Tree {
  campaign: CampaignRow;
  nodes: NodeRow[];
  trials: TrialRow[];
  jobs: JobRow[];
  totals: LedgerTotals;
}

export async function loadTree(ctx: { db: DbOrTx }, campaignId: string): Promise<Tree> {
  const [campaign, nodes, trials, jobs, totals] = await Promise.all([
    getCampaign(ctx.db, campaignId),
    listNodes(ctx.db, campaignId),
    listTrials(ctx.db, campaignId),
    listJobs(ctx.db, campaignId),
    ledgerTotals(ctx.db, campaignId),
  ]);
  return { campaign, nodes, trials, jobs, totals };
}

export const searchTrials = (tree: Tree, nodeId: number): TrialRow[] =>
  tree.trials.filter((t) => t.nodeId === nodeId && t.purpose === 'search');

export const bestTrialOf = (tree: Tree, node: NodeRow): TrialRow | undefined =>
  tree.trials.find((t) => t.id === node.bestTrialId);

/** What the policies see. Waiting for a person parks a branch. */
export function toSearchTree(tree: Tree, closed: ReadonlySet<number>): SearchTree {
  const numbers = new Map(tree.nodes.map((n) => [n.id, n.number]));
  return {
    nodes: tree.nodes.map((n) => ({
      id: n.number,
      parentId: n.parentId === null ? null : (numbers.get(n.parentId) ?? null),
      state: n.state === 'scored' || n.state === 'failed' || n.state === 'withdrawn' ? n.state : 'pending',
      value: n.score?.value ?? null,
      parked: n.state === 'awaiting_approval',
      closed: closed.has(n.number),
    })),
  };
}

/** What the Researcher may know of a node: neither select nor test. */
export function toMemory(tree: Tree, node: NodeRow): NodeMemory {
  const own = searchTrials(tree, node.id);
  const best = bestTrialOf(tree, node);
  const parent = tree.nodes.find((n) => n.id === node.parentId);
  const free: Cost = { computeSeconds: 0, usd: 0 };
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
      trials: own.map((t) => ({
        index: t.index,
        state: t.state,
        specHash: t.specHash,
        changes: t.changes,
        summary: summariseTraining(t.spec.training),
        score: null,
        generalLoss: t.outcome?.generalLoss ?? null,
        baseGeneralLoss: t.outcome?.baseGeneralLoss ?? null,
        trainLoss: t.outcome?.trainLoss ?? null,
        failure: t.failure,
        cost: free,
        progress: t.progress,
      })),
      bestTrial: best?.index ?? null,
      cost: free,
      failure: node.failure,
      approval: null,
      diagnosis: node.diagnosis,
      startedAfterSeconds: null,
      finishedAfterSeconds: null,
    },
    recipe: node.recipe,
    training: best?.spec.training ?? own[0]?.spec.training ?? null,
    factors: node.factors,
  };
}

/** What trials are expected to cost, or may cost at most, together. */
export function sumCost(trials: TrialRow[], which: 'expected' | 'ceiling'): Cost {
  const [seconds, usd] =
    which === 'expected'
      ? (['expectedSeconds', 'expectedUsd'] as const)
      : (['ceilingSeconds', 'ceilingUsd'] as const);
  return {
    computeSeconds: trials.reduce((sum, t) => sum + t[seconds], 0),
    usd: trials.reduce((sum, t) => sum + t[usd], 0),
  };
}
