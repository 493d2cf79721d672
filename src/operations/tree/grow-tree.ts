import type { Brief } from '../../campaign/brief.ts';
import { addCost, isAbove } from '../../campaign/cost.ts';
import type { PlannedNode } from '../../campaign/planned-node.ts';
import { priceOf } from '../../campaign/price.ts';
import { isFinalTrial, isUnderWay } from '../../campaign/states.ts';
import type { Shortage } from '../../report/sentences/shortage.ts';
import { ask } from '../../search/policies.ts';
import type { PolicySettings } from '../../search/types.ts';
import { accountModelCalls } from '../account-model-calls.ts';
import { approvedNode, continueApproved } from '../approvals/continue-approved.ts';
import { reserveBeside } from '../budget/confirmation-reserve.ts';
import type { Context } from '../context.ts';
import { insertBaseline } from '../launch/launch-node.ts';
import { priceBasis } from '../launch/price-basis.ts';
import { dropKept, keepBelow } from '../plan/kept-plans.ts';
import { planBaseline } from '../plan/plan-node.ts';
import { rankedNodes, reachedTarget } from '../view/best-nodes.ts';
import { nodeOf, type Tree, toSearchTree } from '../view/load-tree.ts';
import { launchWhatFits, type NodePlan } from './launch-what-fits.ts';
import { maxOpenCards, planBelow } from './propose-below.ts';

/**
 * The result of one attempt to grow. `waiting` changes by itself, `awaiting_approval` needs a person, `done` is the
 * end; a shortage needs more budget.
 */
export type Growth = 'grown' | 'waiting' | 'awaiting_approval' | 'done' | Shortage;

/**
 * Adds at most one node to the tree: asks the policy where and the Researcher what, prices it, and launches it or
 * asks for approval. A node whose code is approved goes first.
 */
export async function growTree(ctx: Context, tree: Tree): Promise<Growth> {
  const brief = tree.campaign.brief;
  const open = tree.trials.filter((t) => !isFinalTrial(t.state) && waitsOnNobody(tree, t.nodeId)).length;
  if (open >= brief.parallel) return 'waiting';
  const approved = approvedNode(tree);
  if (approved !== undefined) return continueApproved(ctx, tree, approved);
  if (tree.nodes.length >= brief.maxNodes) return windDown(tree);
  if (brief.deadline !== null && ctx.clock.now() >= new Date(brief.deadline)) return windDown(tree);
  if (reachedTarget(tree, brief)) return windDown(tree);

  // The result of the probe decides what comes next.
  if (tree.trials.some((t) => t.purpose === 'probe' && !isFinalTrial(t.state))) return 'waiting';
  const closed = new Set<number>();
  let withoutModel = false;
  for (;;) {
    const searchTree = toSearchTree(tree, closed);
    const answer = ask(searchTree, policySettings(brief));
    if (answer.kind === 'root') return growRoot(ctx, tree);
    if (answer.kind === 'wait') return open > 0 ? 'waiting' : windDown(tree);
    if (answer.kind === 'exhausted') return windDown(tree);
    const parent = nodeOf(tree, answer.parentId);
    const asksModel = ctx.researcher.name !== 'rules' && !withoutModel;
    const thinking = asksModel ? accountModelCalls(ctx, tree.campaign, nextNumber(tree)) : null;
    const planned = await planBelow(ctx, tree, { parent, nodes: searchTree.nodes }, thinking);
    /** Keeps a proposal that cost a model call and cannot be used now, so that the model is not asked for it again. */
    const keep = async (): Promise<void> => {
      if (asksModel) await keepBelow(ctx, tree, parent, planned?.node.proposal ?? null);
    };
    const round = planned === null ? null : limitOpenApprovals(tree, planned);
    if (round === null) {
      await keep();
      closed.add(parent.number);
      continue;
    }
    const inserted = await launchWhatFits(ctx, tree, { ...round, parent, isLast: !asksModel });
    if (inserted === 'over_budget') {
      // When nothing smaller fits either, the search is over and the rest confirms the winner.
      if (!asksModel) return windDownOrAskForBudget(ctx, tree, round.cheaper ?? round.node);
      // One node that is too expensive does not end the search while the rules know of a cheaper one.
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

/**
 * While enough approvals are open, a node that would need another gives way to its cheaper version, or to another
 * proposal.
 */
function limitOpenApprovals(tree: Tree, round: NodePlan): NodePlan | null {
  const { askAbove } = tree.campaign.brief;
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

/**
 * The budget left is too little for another node: the search is over when there is a node to end with, and needs more
 * budget when not.
 */
function windDownOrAskForBudget(ctx: Context, tree: Tree, round: PlannedNode): Growth {
  const settled = windDown(tree);
  if (settled !== 'done' || rankedNodes(tree).length > 0) return settled;
  const { expected, ceiling } = round;
  const usdPerHour = priceOf(ctx.settings, tree.campaign);
  const kept = reserveBeside(tree, round, usdPerHour);
  return {
    what: 'a training run',
    expected,
    ceiling,
    kept: { cost: kept, purpose: 'to confirm it and open the test rows' },
    ...priceBasis(ctx, tree, round),
    need: addCost(ceiling, kept),
  };
}

/** Nothing new will start: the search ends when the running nodes have ended and no approval is open. */
function windDown(tree: Tree): Growth {
  if (tree.nodes.some((n) => isUnderWay(n.state))) return 'waiting';
  return tree.nodes.some((n) => n.state === 'awaiting_approval') ? 'awaiting_approval' : 'done';
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

const nextNumber = (tree: Tree): number => Math.max(-1, ...tree.nodes.map((n) => n.number)) + 1;
