import { without } from '../../campaign/cost.ts';
import type { Failure } from '../../campaign/failure.ts';
import { isWithdrawnByEnd } from '../../campaign/failure.ts';
import type { PlannedNode } from '../../campaign/planned-node.ts';
import { priceOf } from '../../campaign/price.ts';
import type { Proposal } from '../../campaign/proposal.ts';
import type { RunSpec } from '../../campaign/run-spec.ts';
import { DataDamagedError, TrexError } from '../../lib/errors.ts';
import { hashOf } from '../../lib/hash.ts';
import { costText, limitText } from '../../report/format.ts';
import { cheaperVersion } from '../../researcher/cheaper-version.ts';
import { budgetLeft, ledgerTotals } from '../../store/ledger.ts';
import { getNode, moveNode, type NodeRow, updateNode } from '../../store/nodes.ts';
import { insertTrials } from '../../store/trials.ts';
import { reserveBeside } from '../budget/confirmation-reserve.ts';
import { changeActiveCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { fitInto, trialValues } from '../launch/launch-node.ts';
import { planNewTrials, tryPlan } from '../plan/plan-new-trials.ts';
import { atPrice } from '../plan/plan-node.ts';
import { say, showProgress } from '../say.ts';
import type { Tree } from '../view/load-tree.ts';
import { launchOrAsk } from './insert-planned-node.ts';

/** A node whose code is approved and whose rows are not made yet. */
type ApprovedNode = NodeRow & { proposal: Proposal };

const isApproved = (node: NodeRow): node is ApprovedNode =>
  node.state === 'planned' && node.proposal !== null;

export const approvedNode = (tree: Tree): ApprovedNode | undefined => tree.nodes.find(isApproved);

/**
 * Runs the approved code over the rows, prices the node that results, and goes on as with any other: launches it, or
 * asks about its cost. Code that fails ends the node, with nothing spent.
 * @returns `waiting` when the campaign was paused or stopped meanwhile
 */
export async function continueApproved(
  ctx: Context,
  tree: Tree,
  node: ApprovedNode,
): Promise<'grown' | 'waiting'> {
  const { proposal } = node;
  let planned: PlannedNode | null;
  try {
    planned = await planNewTrials(ctx, tree, proposal);
    // Without approval the plan would lack its code.
    if (planned !== null && planned.unseenCode !== null)
      throw new TrexError('code_not_approved', 'ours', 'Nobody has approved the code of this node.');
  } catch (error) {
    if (!(error instanceof TrexError) || error instanceof DataDamagedError) throw error;
    const { code, fault, message } = error;
    return endNode(ctx, tree, node, { code, fault, message, log: [] });
  }
  if (planned === null || planned.trials.every((trial) => hasTwin(tree, trial.spec)))
    return endNode(ctx, tree, node, {
      code: 'same_rows',
      fault: 'data',
      message: 'Its code makes no difference: a node with the same rows and settings has run.',
      log: [],
    });
  const smaller = cheaperVersion(proposal);
  const cheaper = smaller === null ? null : await tryPlan(ctx, tree, smaller);
  return insertApproved(ctx, tree, { node, planned, cheaper });
}

/** The same settings over the same rows have run: that another recipe made them is no difference. */
function hasTwin(tree: Tree, spec: RunSpec): boolean {
  const withoutRecipe = (of: RunSpec): string => hashOf({ ...of, recipeHash: null });
  const own = withoutRecipe(spec);
  return tree.trials.some((trial) => !isWithdrawnByEnd(trial) && withoutRecipe(trial.spec) === own);
}

async function insertApproved(
  ctx: Context,
  tree: Tree,
  approved: { node: NodeRow; planned: PlannedNode; cheaper: PlannedNode | null },
): Promise<'grown' | 'waiting'> {
  const { planned, cheaper } = approved;
  const { id, number } = approved.node;
  return changeActiveCampaign(ctx, tree.campaign.id, async (change) => {
    const { tx, campaign, at } = change;
    const node = await getNode(tx, id);
    if (campaign.state !== 'searching' || campaign.paused || node.state !== 'planned') return 'waiting';
    const left = budgetLeft(campaign.brief.budget, await ledgerTotals(tx, campaign.id));
    const usdPerHour = priceOf(ctx.settings, campaign);
    const within = (round: PlannedNode | null): PlannedNode | null =>
      round && fitInto(atPrice(round, usdPerHour), without(left, reserveBeside(tree, round, usdPerHour)));
    const whole = within(planned);
    const fitted = whole ?? within(cheaper);
    if (fitted === null) {
      await moveNode(tx, id, 'planned', 'withdrawn', { finishedAt: at });
      await recordChange(change, 'node.withdrawn', { node: number });
      const text = `The code of #${number} has run. The node may cost ${costText(atPrice(planned, usdPerHour).ceiling)} and ${limitText(left)} is left, of which the end needs a part, so I leave it out.`;
      await say(tx, campaign, { key: `dear:${number}`, payload: { kind: 'text', text }, at });
      await showProgress(tx, campaign, at);
      return 'grown';
    }
    const { title, hypothesis, recipe, factors } = fitted.proposal;
    await updateNode(tx, id, { title, hypothesis, recipe, factors, trace: fitted.trace, proposal: null });
    const trials = await insertTrials(tx, trialValues(node, fitted.trials, at));
    await recordChange(change, 'node.prepared', {
      node: number,
      specHashes: fitted.trials.map((t) => t.specHash),
      expected: fitted.expected,
    });
    const launched = { node, trials, planned: fitted, cheaper: whole === null ? null : cheaper, left };
    await launchOrAsk(change, launched);
    return 'grown';
  });
}

async function endNode(
  ctx: Context,
  tree: Tree,
  { id, number }: NodeRow,
  failure: Failure,
): Promise<'grown' | 'waiting'> {
  return changeActiveCampaign(ctx, tree.campaign.id, async (change) => {
    const { tx, campaign, at } = change;
    if (!(await moveNode(tx, id, 'planned', 'failed', { failure, finishedAt: at }))) return 'waiting';
    await recordChange(change, 'node.failed', { node: number, code: failure.code });
    await say(tx, campaign, {
      key: `failure:${number}`,
      payload: { kind: 'failure', campaignId: campaign.id, node: number, next: 'The rest goes on.' },
      at,
    });
    await showProgress(tx, campaign, at);
    return 'grown';
  });
}
