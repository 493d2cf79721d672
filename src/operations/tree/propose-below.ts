import { isWithdrawnByEnd } from '../../campaign/failure.ts';
import type { Proposal } from '../../campaign/proposal.ts';
import { cheaperVersion } from '../../researcher/cheaper-version.ts';
import type { ProposalContext, Thinking } from '../../researcher/port.ts';
import { proposalKey } from '../../researcher/proposal-key.ts';
import type { SearchNode } from '../../search/types.ts';
import { type ApprovalRow, listApprovals } from '../../store/approvals.ts';
import { listInsights } from '../../store/insights.ts';
import { budgetLeft } from '../../store/ledger.ts';
import type { NodeRow } from '../../store/nodes.ts';
import { findResearch } from '../../store/research.ts';
import type { Context } from '../context.ts';
import { listSources, loadSource, sampleRows } from '../data/load-rows.ts';
import { loadSearchItems, type SeenItem } from '../data/search-items.ts';
import { keptBelow } from '../plan/kept-plans.ts';
import { memoryAround } from '../plan/memory-around.ts';
import { tryPlan } from '../plan/plan-new-trials.ts';
import { proposalHash } from '../plan/plan-node.ts';
import { bestTrialOf, type Tree, toMemory } from '../view/load-tree.ts';
import type { NodePlan } from './launch-what-fits.ts';

/** Where the search policy wants the next node. */
interface Place {
  parent: NodeRow;
  /** The tree as the policy saw it. */
  nodes: SearchNode[];
}

const maxTrialsOfNode = 3;

/** At most this many approval cards are open at once: more cards in a night help nobody. */
export const maxOpenCards = 2;

/** An impossible plan still costs a model call: after this many, the rules propose. */
const maxModelPlans = 2;

/** The proposal kept below a node, where it is still possible; else a new one. */
export async function planBelow(
  ctx: Context,
  tree: Tree,
  place: Place,
  thinking: Thinking | null,
): Promise<NodePlan | null> {
  const { parent } = place;
  if (thinking === null) return proposeBelow(ctx, tree, place, null);
  const kept = keptBelow(tree, parent);
  if (kept === null) return null;
  const again = kept === undefined ? null : await planWithCheaper(ctx, tree, kept);
  return again ?? proposeBelow(ctx, tree, place, thinking);
}

/** Null when nothing of the proposal is new or possible. */
async function planWithCheaper(ctx: Context, tree: Tree, proposal: Proposal): Promise<NodePlan | null> {
  const planned = await tryPlan(ctx, tree, proposal);
  if (planned === null) return null;
  const smaller = planned.unseenCode === null ? cheaperVersion(proposal) : null;
  return { node: planned, cheaper: smaller === null ? null : await tryPlan(ctx, tree, smaller) };
}

async function proposeBelow(
  ctx: Context,
  tree: Tree,
  place: Place,
  thinking: Thinking | null,
): Promise<NodePlan | null> {
  const context = await proposalContext(ctx, tree, place);
  // A plan may turn out to be impossible (no rows left, too much memory) or tried before; then the next proposal
  // is asked for.
  const tried = new Set(context.tried);
  for (let attempt = 0; attempt < 8; attempt++) {
    const proposal = await ctx.researcher.propose(
      { ...context, tried, seed: context.seed + attempt },
      attempt < maxModelPlans ? thinking : null,
    );
    if (proposal === null) return null;
    for (const key of proposalKeys(proposal)) tried.add(key);
    const planned = await planWithCheaper(ctx, tree, proposal);
    if (planned !== null) return planned;
  }
  return null;
}

async function proposalContext(ctx: Context, tree: Tree, { parent, nodes }: Place): Promise<ProposalContext> {
  const { campaign } = tree;
  const brief = campaign.brief;
  const trial = bestTrialOf(tree, parent);
  const seen = trial === undefined ? undefined : await loadSearchItems(ctx, campaign, trial.id);
  const failing: SeenItem[] = seen?.show((r) => r.score < 1) ?? [];
  const effects = (await listInsights(ctx.db, campaign.id)).map((row) => row.effect);
  const left = budgetLeft(brief.budget, tree.totals);
  const sources = await listSources(ctx, campaign);
  return {
    brief: { goal: brief.goal, metric: brief.metric, target: brief.target, scope: brief.scope },
    parent: toMemory(tree, parent),
    ...memoryAround(tree, nodes, parent.number),
    effects,
    findings: (await findResearch(ctx.db, campaign.id)) ?? null,
    sources,
    sampleRows: await sampleRows(sources, (id) => loadSource(ctx, campaign, id), 200),
    failing,
    tried: triedKeys(tree),
    sandbox: await codeGround(ctx, tree),
    steering: campaign.steering,
    defaultTraining: ctx.engine.defaultTraining(),
    maxTrials: maxTrialsOfNode,
    budgetLeftSeconds: left.computeSeconds,
    seed: brief.seed + tree.nodes.length * 101,
  };
}

/** No code is proposed any more after this many rejections. */
const maxRejections = 2;

/** The code that a node may contain; null while there is no safe sandbox. */
async function codeGround(ctx: Context, tree: Tree): Promise<ProposalContext['sandbox']> {
  if (ctx.sandbox === null || (await ctx.sandbox.problem()) !== null) return null;
  const asked = (await listApprovals(ctx.db, tree.campaign.id)).filter((a) => a.kind === 'code');
  const hashesOf = (isMeant: (row: ApprovalRow) => boolean): Set<string> =>
    new Set(asked.filter(isMeant).flatMap((row) => row.specHashes));
  const failed = tree.nodes
    .filter((n) => n.state === 'failed' && n.proposal !== null && n.failure?.fault === 'data')
    .map((n) => n.id);
  const openCards = tree.nodes.filter((n) => n.state === 'awaiting_approval').length;
  return {
    approved: hashesOf((row) => row.state === 'approved'),
    refused: hashesOf((row) => row.state === 'rejected' || failed.includes(row.nodeId)),
    takesNew:
      asked.every((row) => row.state !== 'pending') &&
      hashesOf((row) => row.state === 'rejected').size < maxRejections &&
      openCards < maxOpenCards,
  };
}

const proposalKeys = (proposal: Proposal): string[] => [
  proposalHash(proposal),
  ...proposal.trials.map((t) => proposalKey(proposal.recipe, t.training)),
];

function triedKeys(tree: Tree): Set<string> {
  const keys = new Set<string>();
  for (const node of tree.nodes) {
    if (node.recipe === null) continue;
    // Its code waits for approval, or has failed: there are no trials to know it by.
    if (node.proposal !== null) for (const key of proposalKeys(node.proposal)) keys.add(key);
    for (const trial of tree.trials) {
      if (trial.nodeId === node.id && trial.spec.training !== null && !isWithdrawnByEnd(trial)) {
        keys.add(proposalKey(node.recipe, trial.spec.training));
      }
    }
  }
  return keys;
}
