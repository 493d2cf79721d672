import type { CostLimit } from '../../campaign/brief.ts';
import { shareOfCeiling } from '../../executor/estimate-cost.ts';
import { decideApprovalRow, getApproval, updateApprovalTerms } from '../../store/approvals.ts';
import { type CampaignRow, lockCampaign, updateCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { recordEvent } from '../../store/events.ts';
import { getNode, moveNode, type NodeRow, updateNode } from '../../store/nodes.ts';
import {
  listTrialsOfNode,
  moveTrial,
  replaceTrials,
  type TrialRow,
  updateTrial,
} from '../../store/trials.ts';
import type { Reply } from '../bot.ts';
import type { Context } from '../context.ts';
import { approvalSlot, say, showProgress } from '../say.ts';
import { spendable } from '../tree/confirmation-need.ts';
import { approvalTerms, BudgetExceeded, launchNode, trialValues } from '../tree/insert-node.ts';
import { loadTree, sumCost } from '../tree/load-tree.ts';
import type { PlannedNode } from '../tree/plan-node.ts';

/**
 * A person's word on a branch. Exactly what stood on the card is launched, up to its ceiling. The decision is one
 * atomic step: of two clicks one wins, and the other is told who was first.
 */
export async function decideApproval({
  ctx,
  input,
}: {
  ctx: Context;
  input: { approvalId: string; decision: 'approve' | 'cheaper' | 'reject'; user: string };
}): Promise<Reply> {
  const { approvers } = ctx.settings;
  if (approvers.length > 0 && !approvers.includes(input.user)) {
    const names = await Promise.all(approvers.map((id) => ctx.chat.userName(id)));
    return { private: `You may not decide about money here. ${names.join(' or ')} can.` };
  }
  const at = ctx.clock.now();
  const { campaignId } = await getApproval(ctx.db, input.approvalId);
  const left = spendable(await loadTree(ctx, campaignId), ctx.settings.usdPerHour);
  try {
    return await ctx.db.transaction(async (tx): Promise<Reply> => {
      const campaign = await lockCampaign(tx, campaignId);
      const approval = await getApproval(tx, input.approvalId);
      if (approval.state !== 'pending')
        return { private: await tellWhoWasFirst(ctx, approval.state, approval.decidedBy) };
      if (campaign.state !== 'searching')
        return { private: 'This campaign is no longer searching; nothing was started.' };
      if (input.decision === 'cheaper' && approval.cheaper === null) {
        return { private: 'There is no cheaper version of this one.' };
      }
      const state = input.decision === 'reject' ? 'rejected' : 'approved';
      if (!(await decideApprovalRow(tx, approval.id, state, input.user, at))) {
        return { private: 'Somebody was faster.' };
      }
      const node = await getNode(tx, approval.nodeId);
      if (input.decision === 'cheaper') {
        // What was approved is the cheaper one: the card and the ceiling are its own from here.
        const cheaper = approval.cheaper as PlannedNode;
        await updateApprovalTerms(tx, approval.id, approvalTerms(cheaper, null, approval.card.budgetLeft));
      }
      if (input.decision === 'reject') await withdraw(tx, node, at);
      else {
        const trials =
          input.decision === 'cheaper'
            ? await swapIn(tx, node, approval.cheaper as PlannedNode, at)
            : await sameTrials(tx, node, approval.specHashes);
        await launchNode(ctx, tx, campaign, node, await fitTrials(tx, trials, left), 'awaiting_approval', at);
      }
      await recordEvent(tx, {
        campaignId: campaign.id,
        name: `approval.${state}`,
        actor: input.user,
        data: { approval: approval.id, decision: input.decision, node: node.number, card: approval.card },
        at,
      });
      await updateCampaign(tx, campaign.id, { heldBecause: null });
      await showDecision(tx, campaign, approval.id, at);
      return { private: null };
    });
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return {
      private:
        'The budget that is left no longer covers its ceiling, so I have not started it; the question stays open. Write for example `raise the budget to 30 min`, then approve again.',
    };
  }
}

async function tellWhoWasFirst(ctx: Context, state: string, by: string | null): Promise<string> {
  const name = by === null ? 'Somebody' : by === 'system' ? 'The bot' : await ctx.chat.userName(by);
  return `${name} has already decided: ${state}.`;
}

async function withdraw(tx: DbOrTx, node: NodeRow, at: Date): Promise<void> {
  await moveNode(tx, node.id, 'awaiting_approval', 'withdrawn', { finishedAt: at });
  for (const trial of await listTrialsOfNode(tx, node.id)) {
    await moveTrial(tx, trial.id, ['planned'], 'withdrawn', { finishedAt: at });
  }
}

/** The trials that stood on the card, and no others. */
async function sameTrials(tx: DbOrTx, node: NodeRow, hashes: string[]): Promise<TrialRow[]> {
  const trials = await listTrialsOfNode(tx, node.id);
  if (trials.length !== hashes.length || trials.some((t) => !hashes.includes(t.specHash))) {
    throw new Error(`node ${node.id}: its trials are not the ones that were shown`);
  }
  return trials;
}

/** Never above what was approved; below it where the budget has become smaller since. */
async function fitTrials(tx: DbOrTx, trials: TrialRow[], left: CostLimit): Promise<TrialRow[]> {
  const share = shareOfCeiling(sumCost(trials, 'expected'), sumCost(trials, 'ceiling'), left);
  if (share === null) throw new BudgetExceeded('an approved round');
  if (share === 1) return trials;
  const fitted = trials.map((trial) => ({
    ...trial,
    ceilingSeconds: trial.ceilingSeconds * share,
    ceilingUsd: trial.ceilingUsd * share,
  }));
  for (const { id, ceilingSeconds, ceilingUsd } of fitted)
    await updateTrial(tx, id, { ceilingSeconds, ceilingUsd });
  return fitted;
}

async function swapIn(tx: DbOrTx, node: NodeRow, cheaper: PlannedNode, at: Date): Promise<TrialRow[]> {
  const { proposal } = cheaper;
  await updateNode(tx, node.id, {
    title: proposal.title,
    hypothesis: proposal.hypothesis,
    recipe: proposal.recipe,
    trace: cheaper.trace,
    factors: proposal.factors,
  });
  return replaceTrials(tx, node.id, trialValues(node, cheaper.trials, at));
}

export async function showDecision(
  tx: DbOrTx,
  campaign: Pick<CampaignRow, 'id' | 'channel' | 'threadTs'>,
  approvalId: string,
  at: Date,
): Promise<void> {
  await say(tx, campaign, {
    key: `approval:${approvalId}:decided`,
    slot: approvalSlot(approvalId),
    payload: { kind: 'approval', approvalId },
    at,
  });
  await showProgress(tx, campaign, at);
}
