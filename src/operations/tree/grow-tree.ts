import { isAbove } from '../../campaign/approval-policy.ts';
import type { Brief } from '../../campaign/brief.ts';
import { isWithdrawnByEnd } from '../../campaign/failure.ts';
import { priceOf } from '../../campaign/price.ts';
import { isFinalTrial, isUnderWay } from '../../campaign/states.ts';
import type { Shortage } from '../../report/thread-text.ts';
import { cheaperVersion } from '../../researcher/cheaper-version.ts';
import type { Proposal, ProposalContext, Thinking } from '../../researcher/port.ts';
import { proposalKey } from '../../researcher/proposal-key.ts';
import { ask } from '../../search/policies.ts';
import type { PolicySettings, SearchNode } from '../../search/types.ts';
import { type ApprovalRow, listApprovals } from '../../store/approvals.ts';
import { listInsights } from '../../store/insights.ts';
import { budgetLeft } from '../../store/ledger.ts';
import type { NodeRow } from '../../store/nodes.ts';
import { findResearch } from '../../store/research.ts';
import { approvedNode, continueApproved } from '../approvals/continue-approved.ts';
import { keptFree } from '../budget/confirmation-need.ts';
import type { Context } from '../context.ts';
import { listSources, loadSource, sampleRows } from '../data/load-rows.ts';
import { type SeenItem, searchItemsOf } from '../data/search-items.ts';
import { insertBaseline } from '../launch/insert-node.ts';
import { priceBasis } from '../launch/price-basis.ts';
import { dropKept, keepBelow, keptBelow } from '../plan/kept-plans.ts';
import { memoryAround } from '../plan/memory-around.ts';
import { tryPlan } from '../plan/plan-fresh.ts';
import { type PlannedNode, planBaseline, proposalHash } from '../plan/plan-node.ts';
import { accountThinking } from '../thinking.ts';
import { rankedNodes, reachedTarget } from '../view/best-nodes.ts';
import { bestTrialOf, type Tree, toMemory, toSearchTree } from '../view/load-tree.ts';
import { addCost } from '../view/load-view.ts';
import { launchWhatFits, type PlannedRound } from './launch-what-fits.ts';

/**
 * What one attempt to grow came to. `waiting` moves again by itself, `people` needs a person, `done` is the end; a
 * shortage needs money.
 */
export type Growth = 'grown' | 'waiting' | 'people' | 'done' | Shortage;

const maxTrialsOfRound = 3;

/**
 * Adds at most one round to the tree: asks the policy where, the Researcher what, prices it and launches it or asks people.
 * A round whose code people have approved goes first.
 */
export async function growTree(ctx: Context, tree: Tree): Promise<Growth> {
  const brief = tree.campaign.brief as Brief;
  const open = tree.trials.filter((t) => !isFinalTrial(t.state) && waitsOnNobody(tree, t.nodeId)).length;
  if (open >= brief.parallel) return 'waiting';
  const approved = approvedNode(tree);
  if (approved !== undefined) return continueApproved(ctx, tree, approved);
  if (tree.nodes.length >= brief.maxNodes) return settleDown(tree);
  if (brief.deadline !== null && ctx.clock.now() >= new Date(brief.deadline)) return settleDown(tree);
  if (reachedTarget(tree, brief)) return settleDown(tree);

  // What it measures decides what comes next.
  if (tree.trials.some((t) => t.purpose === 'probe' && !isFinalTrial(t.state))) return 'waiting';
  const closed = new Set<number>();
  let withoutModel = false;
  for (;;) {
    const searchTree = toSearchTree(tree, closed);
    const answer = ask(searchTree, policySettings(brief));
    if (answer.kind === 'root') return growRoot(ctx, tree);
    if (answer.kind === 'wait') return open > 0 ? 'waiting' : settleDown(tree);
    if (answer.kind === 'exhausted') return settleDown(tree);
    const parent = tree.nodes.find((n) => n.number === answer.parentId) as NodeRow;
    const asksModel = ctx.researcher.name !== 'rules' && !withoutModel;
    const thinking = asksModel ? accountThinking(ctx, tree.campaign, nextNumber(tree)) : null;
    const planned = await planBelow(ctx, tree, parent, searchTree.nodes, thinking);
    /** What cost a thought and comes to nothing now is not thought again. */
    const keep = async (): Promise<void> => {
      if (asksModel) await keepBelow(ctx, tree, parent, planned?.node.proposal ?? null);
    };
    const round = planned === null ? null : askNobodyTwice(tree, planned);
    if (round === null) {
      await keep();
      closed.add(parent.number);
      continue;
    }
    const inserted = await launchWhatFits(ctx, tree, { ...round, parent, isLast: !asksModel });
    if (inserted === 'over_budget') {
      // When nothing smaller fits either, the search is over and the rest confirms the winner.
      if (!asksModel) return settleOrAsk(ctx, tree, round.cheaper ?? round.node);
      // One round that is too dear does not end the search while the rules know of a cheaper one.
      await keep();
      withoutModel = true;
      continue;
    }
    if (inserted === 'not_searching' || inserted === 'probing') {
      await keep();
      return 'waiting';
    }
    if (asksModel) await dropKept(ctx, parent);
    return 'grown';
  }
}

/** People are asked about so many branches at once; more cards in a night help nobody. */
const maxOpenCards = 2;

/** While enough cards are open, a round that would ask as well gives way to its cheaper version, or to another idea. */
function askNobodyTwice(tree: Tree, round: PlannedRound): PlannedRound | null {
  const { askAbove } = tree.campaign.brief as Brief;
  const open = tree.nodes.filter((n) => n.state === 'awaiting_approval').length;
  if (open < maxOpenCards || !isAbove(round.node.expected, askAbove)) return round;
  const { cheaper } = round;
  return cheaper !== null && !isAbove(cheaper.expected, askAbove) ? { node: cheaper, cheaper: null } : null;
}

async function growRoot(ctx: Context, tree: Tree): Promise<Growth> {
  const planned = await planBaseline(ctx, tree.campaign);
  const inserted = await insertBaseline(ctx, tree.campaign.id, planned);
  if (inserted !== 'over_budget') return inserted === 'running' ? 'grown' : 'waiting';
  const { expected, ceiling } = planned;
  return {
    what: 'measuring the untrained model, which comes first',
    expected,
    ceiling,
    ...priceBasis(ctx, tree, { trials: [planned] }),
    need: ceiling,
  };
}

/** Too little for another round: the search is over when there is a round to end with, and needs money when not. */
function settleOrAsk(ctx: Context, tree: Tree, round: PlannedNode): Growth {
  const settled = settleDown(tree);
  if (settled !== 'done' || rankedNodes(tree).length > 0) return settled;
  const { expected, ceiling } = round;
  const usdPerHour = priceOf(ctx.settings, tree.campaign);
  const kept = keptFree(tree, round, usdPerHour);
  return {
    what: 'a training run',
    expected,
    ceiling,
    kept: { cost: kept, purpose: 'to confirm it and open the test rows' },
    ...priceBasis(ctx, tree, round),
    need: addCost(ceiling, kept),
  };
}

/** Nothing new will start: the search ends when what runs has ended and nobody is asked any more. */
function settleDown(tree: Tree): Growth {
  if (tree.nodes.some((n) => isUnderWay(n.state))) return 'waiting';
  return tree.nodes.some((n) => n.state === 'awaiting_approval') ? 'people' : 'done';
}

const waitsOnNobody = (tree: Tree, nodeId: number): boolean =>
  tree.nodes.find((n) => n.id === nodeId)?.state !== 'awaiting_approval';

const policySettings = (brief: Brief): PolicySettings => ({
  kind: brief.policy,
  exploration: 0.25,
  maxChildren: 6,
  maxPendingChildren: 2,
  seed: brief.seed,
});

/** Plans of a language model that turn out to be impossible cost money too; after so many the rules go on. */
const mostModelPlans = 2;

const nextNumber = (tree: Tree): number => Math.max(-1, ...tree.nodes.map((n) => n.number)) + 1;

/** The plan that is kept below a node, where it is possible still; else a new one. */
async function planBelow(
  ctx: Context,
  tree: Tree,
  parent: NodeRow,
  nodes: SearchNode[],
  thinking: Thinking | null,
): Promise<PlannedRound | null> {
  if (thinking === null) return proposeBelow(ctx, tree, parent, nodes, null);
  const kept = keptBelow(tree, parent);
  if (kept === null) return null;
  const again = kept === undefined ? null : await planRound(ctx, tree, kept);
  return again ?? proposeBelow(ctx, tree, parent, nodes, thinking);
}

/** Null when nothing of the proposal is new or possible. */
async function planRound(ctx: Context, tree: Tree, proposal: Proposal): Promise<PlannedRound | null> {
  const planned = await tryPlan(ctx, tree, proposal);
  if (planned === null) return null;
  const smaller = planned.unseenCode === null ? cheaperVersion(proposal) : null;
  return { node: planned, cheaper: smaller === null ? null : await tryPlan(ctx, tree, smaller) };
}

async function proposeBelow(
  ctx: Context,
  tree: Tree,
  parent: NodeRow,
  nodes: SearchNode[],
  thinking: Thinking | null,
): Promise<PlannedRound | null> {
  const context = await proposalContext(ctx, tree, parent, nodes);
  // A plan may turn out to be impossible (no rows left, too much memory) or tried before; the next idea is asked for.
  const tried = new Set(context.tried);
  for (let attempt = 0; attempt < 8; attempt++) {
    const proposal = await ctx.researcher.propose(
      { ...context, tried, seed: context.seed + attempt },
      attempt < mostModelPlans ? thinking : null,
    );
    if (proposal === null) return null;
    for (const key of proposalKeys(proposal)) tried.add(key);
    const planned = await planRound(ctx, tree, proposal);
    if (planned !== null) return planned;
  }
  return null;
}

async function proposalContext(
  ctx: Context,
  tree: Tree,
  parent: NodeRow,
  nodes: SearchNode[],
): Promise<ProposalContext> {
  const { campaign } = tree;
  const brief = campaign.brief as Brief;
  const trial = bestTrialOf(tree, parent);
  const seen = trial === undefined ? undefined : await searchItemsOf(ctx, campaign, trial.id);
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
    maxTrials: maxTrialsOfRound,
    budgetLeftSeconds: left.computeSeconds,
    seed: brief.seed + tree.nodes.length * 101,
  };
}

/** So many pieces of code that people did not want, and no more are proposed. */
const mostRejected = 2;

/** Which code a round may hold; null while there is no sandbox that holds. */
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
      hashesOf((row) => row.state === 'rejected').size < mostRejected &&
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
    // Its code waits for a person, or has failed: there are no trials to know it by.
    if (node.proposal !== null) for (const key of proposalKeys(node.proposal as Proposal)) keys.add(key);
    for (const trial of tree.trials) {
      if (trial.nodeId === node.id && trial.spec.training !== null && !isWithdrawnByEnd(trial)) {
        keys.add(proposalKey(node.recipe, trial.spec.training));
      }
    }
  }
  return keys;
}
