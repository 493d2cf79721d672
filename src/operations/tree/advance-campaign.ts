import { isActiveCampaign } from '../../campaign/states.ts';
import { asError } from '../../lib/errors.ts';
import { lockCampaign, moveCampaign, updateCampaign } from '../../store/campaigns.ts';
import { recordEvent } from '../../store/events.ts';
import type { Context } from '../context.ts';
import { say, showProgress } from '../say.ts';
import { confirmWinner } from './confirm-winner.ts';
import { finishNodes } from './finish-nodes.ts';
import { growTree } from './grow-tree.ts';
import { loadTree } from './load-tree.ts';

/** How many rounds one pass may add, so that one campaign does not keep the others waiting. */
const maxGrowthPerPass = 4;

/**
 * Takes a campaign as far as it can go now: closes finished rounds, adds new ones, and at the end confirms the
 * winner. Everything it decides on is read from the database, so any instance can take the next step.
 */
export async function advanceCampaign({ ctx, campaignId }: { ctx: Context; campaignId: string }): Promise<void> {
  let tree = await loadTree(ctx, campaignId);
  if (!isActiveCampaign(tree.campaign.state)) return;
  if ((await finishNodes(ctx, tree)) > 0) tree = await loadTree(ctx, campaignId);
  if (tree.campaign.paused) return;
  if (tree.campaign.state === 'confirming') {
    await confirmWinner(ctx, tree);
    return;
  }
  try {
    for (let added = 0; added < maxGrowthPerPass; added++) {
      const growth = await growTree(ctx, tree);
      if (growth === 'done') return await beginConfirming(ctx, campaignId);
      if (growth === 'people') return await sayThatItWaits(ctx, campaignId);
      if (growth === 'waiting') return;
      tree = await loadTree(ctx, campaignId);
      if (tree.campaign.heldBecause !== null) await updateCampaign(ctx.db, campaignId, { heldBecause: null });
    }
  } catch (error) {
    await holdAfterError(ctx, campaignId, error);
  }
}

async function beginConfirming(ctx: Context, campaignId: string): Promise<void> {
  const at = ctx.clock.now();
  await ctx.db.transaction(async (tx) => {
    const campaign = await lockCampaign(tx, campaignId);
    if (campaign.state !== 'searching') return;
    await moveCampaign(tx, campaignId, 'searching', 'confirming', { heldBecause: null });
    await showProgress(tx, campaign, at);
  });
}

/** Once per state of waiting: everything else is done, and only people can move it on. */
async function sayThatItWaits(ctx: Context, campaignId: string): Promise<void> {
  const at = ctx.clock.now();
  const reason = 'waits for your yes or no';
  await ctx.db.transaction(async (tx) => {
    const campaign = await lockCampaign(tx, campaignId);
    if (campaign.heldBecause === reason) return;
    const waiting = (await loadTree({ ...ctx, db: tx as unknown as Context['db'] }, campaignId)).nodes
      .filter((n) => n.state === 'awaiting_approval')
      .map((n) => `#${n.number}`);
    await updateCampaign(tx, campaignId, { heldBecause: reason });
    await say(tx, campaign, {
      key: `waits:${waiting.join(',')}`,
      payload: {
        kind: 'text',
        text: `${waiting.join(' and ')} still ${waiting.length === 1 ? 'waits' : 'wait'} for a yes or no. There is nothing else to do until then; nothing is being spent.`,
      },
      at,
    });
  });
}

/** An error of ours while planning: said once, nothing spent, tried again on the next pass after a person looks. */
async function holdAfterError(ctx: Context, campaignId: string, error: unknown): Promise<void> {
  const reference = ctx.newId('e');
  ctx.log.error({ err: asError(error), campaign: campaignId, reference }, 'campaign.advance_failed');
  const at = ctx.clock.now();
  await ctx.db.transaction(async (tx) => {
    const campaign = await lockCampaign(tx, campaignId);
    await updateCampaign(tx, campaignId, { paused: true, heldBecause: `an error on my side (${reference})` });
    await recordEvent(tx, { campaignId, name: 'campaign.held', actor: 'system', data: { reference }, at });
    await say(tx, campaign, {
      key: `error:${reference}`,
      payload: {
        kind: 'problem',
        text: `Something broke on my side while I planned the next round (reference ${reference}). Nothing was spent on it. Running work goes on; I have paused the search. Write \`resume\` to try again.`,
      },
      at,
    });
  });
}
