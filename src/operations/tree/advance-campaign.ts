import { addCost, ceilingScale } from '../../campaign/cost.ts';
import { priceOf } from '../../campaign/price.ts';
import { isActiveCampaign, isFinalNode, isUnderWay } from '../../campaign/states.ts';
import { DataDamagedError, existing } from '../../lib/errors.ts';
import { listText } from '../../lib/text.ts';
import { moveCampaign, updateCampaign } from '../../store/campaigns.ts';
import { isDatabaseOutage } from '../../store/db.ts';
import { LeaseLost } from '../../store/leases.ts';
import { askForMoney, openBudgetCard } from '../budget/budget-question.ts';
import { confirmationReserve, spendableBudget } from '../budget/confirmation-reserve.ts';
import { changeCampaign } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { confirmWinner } from '../end/confirm-winner.ts';
import { holdAfterError, holdForDamage } from '../hold-campaign.ts';
import { say, showProgress } from '../say.ts';
import { loadTree, searchTrials, sumCost, type Tree } from '../view/load-tree.ts';
import { finishNodes } from './finish-nodes.ts';
import { growTree } from './grow-tree.ts';
import { reportStopped } from './report-stopped.ts';
import { retryRequiredJobs } from './retry-required-jobs.ts';

/** Nodes that one pass may add, so that one campaign does not keep the others waiting. */
const maxGrowthPerPass = 4;

/**
 * Takes a campaign as far as it can go now: closes finished nodes, adds new ones, and at the end confirms the winner.
 * Every decision is made from the database, so any instance can take the next step.
 */
export async function advanceCampaign({
  ctx,
  campaignId,
}: {
  ctx: Context;
  campaignId: string;
}): Promise<void> {
  try {
    await advance(ctx, campaignId);
  } catch (error) {
    // The next pass takes the same step: no person is needed for that.
    if (error instanceof LeaseLost || isDatabaseOutage(error)) throw error;
    if (error instanceof DataDamagedError) return await holdForDamage(ctx, campaignId, error);
    await holdAfterError(ctx, campaignId, error);
  }
}

async function advance(ctx: Context, campaignId: string): Promise<void> {
  let tree = await loadTree(ctx, campaignId);
  if (tree.campaign.state === 'stopped' && tree.campaign.reportDue) return await reportStopped(ctx, tree);
  if (!isActiveCampaign(tree.campaign.state)) return;
  if ((await finishNodes(ctx, tree)) > 0) tree = await loadTree(ctx, campaignId);
  if (waitsForPeople(tree)) return;
  if (await retryRequiredJobs(ctx, tree)) return;
  if (tree.campaign.state === 'confirming') return await confirmWinner(ctx, tree);
  if (tree.campaign.wrapUp !== null) return await wrapUp(ctx, tree);
  await grow(ctx, tree);
}

/** Paused, or asked about its budget: the answer lets the campaign go on. */
const waitsForPeople = ({ campaign }: Tree): boolean => campaign.paused || openBudgetCard(campaign) !== null;

/** Nothing new is grown: the best node is confirmed once the running ones have ended. */
async function wrapUp(ctx: Context, tree: Tree): Promise<void> {
  if (tree.nodes.every((n) => isFinalNode(n.state))) await beginConfirming(ctx, tree.campaign.id);
}

/** Adds nodes until the tree waits for jobs, people or budget, or the search is over. */
async function grow(ctx: Context, before: Tree): Promise<void> {
  const { id } = before.campaign;
  let tree = before;
  for (let added = 0; added < maxGrowthPerPass; added++) {
    const growth = await growTree(ctx, tree);
    if (growth === 'done') return await beginConfirming(ctx, id);
    if (growth === 'awaiting_approval') return await announceWaiting(ctx, id);
    if (growth === 'waiting') return;
    if (growth !== 'grown') return await askForMoney(ctx, id, growth);
    if (tree.campaign.heldBecause !== null) await updateCampaign(ctx.db, id, { heldBecause: null });
    tree = await loadTree(ctx, id);
  }
}

async function beginConfirming(ctx: Context, campaignId: string): Promise<void> {
  await changeCampaign(ctx, campaignId, async ({ tx, campaign, at }) => {
    if (campaign.state !== 'searching') return;
    await moveCampaign(tx, campaignId, 'searching', 'confirming', { heldBecause: null });
    await showProgress(tx, campaign, at);
  });
}

/** Posted once per set of waiting nodes: everything else is done, and only people can move the campaign on. */
async function announceWaiting(ctx: Context, campaignId: string): Promise<void> {
  const at = ctx.clock.now();
  const tree = await loadTree(ctx, campaignId);
  // An approval may have come since the tree was read: then there is something to do.
  if (tree.nodes.some((n) => isUnderWay(n.state))) return;
  const waiting = tree.nodes.filter((n) => n.state === 'awaiting_approval');
  if (waiting.length === 0) return;
  const names = listText(waiting.map((n) => `#${n.number}`));
  const usdPerHour = priceOf(ctx.settings, tree.campaign);
  const left = spendableBudget(tree, usdPerHour);
  const still = `${names} still ${waiting.length === 1 ? 'waits' : 'wait'} for a yes or no.`;
  const open = waiting.map((node) => {
    const trials = searchTrials(tree, node.id);
    return { expected: sumCost(trials, 'expected'), ceiling: sumCost(trials, 'ceiling') };
  });
  if (open.every(({ expected, ceiling }) => ceilingScale(expected, ceiling, left) === null)) {
    const [cheapest] = open.sort((a, b) => a.ceiling.computeSeconds - b.ceiling.computeSeconds);
    const { expected, ceiling } = existing(cheapest, 'A node that waits');
    const kept = confirmationReserve(tree, usdPerHour);
    return await askForMoney(ctx, campaignId, {
      what: waiting.length === 1 ? names : `any of ${names}`,
      expected,
      ceiling,
      ...(kept.computeSeconds > 0
        ? { kept: { cost: kept, purpose: 'to confirm the winner and open the test rows' } }
        : {}),
      note: `${still} Reject, and I finish with what there is.`,
      need: addCost(ceiling, kept),
    });
  }
  await changeCampaign(ctx, campaignId, async ({ tx, campaign }) => {
    if (campaign.state !== 'searching') return;
    const text = `${still} There is nothing else to do until then; nothing is being spent.`;
    await say(tx, campaign, { key: `waits:${names}`, payload: { kind: 'text', text }, at });
  });
}
