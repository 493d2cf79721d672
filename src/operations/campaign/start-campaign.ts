import { getCampaign, lockCampaign, moveCampaign } from '../../store/campaigns.ts';
import { recordEvent } from '../../store/events.ts';
import type { Reply } from '../bot.ts';
import type { Context } from '../context.ts';
import { closeOpenCard } from '../intake/take-turn.ts';
import { say, showProgress } from '../say.ts';

/** Start on the brief card. A second press, or one on an old card, changes nothing and is told so. */
export async function startCampaign({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; user: string };
}): Promise<Reply> {
  const name = await ctx.chat.userName(input.user);
  const at = ctx.clock.now();
  return ctx.db.transaction(async (tx) => {
    const campaign = await lockCampaign(tx, input.campaignId);
    if (campaign.state === 'intake') return { private: 'There is still a question open above.' };
    if (campaign.state !== 'ready') return { private: 'This campaign has already been started.' };
    await closeOpenCard(tx, campaign, 'start', `Started by ${name}`, at);
    await moveCampaign(tx, campaign.id, 'ready', 'searching', { startedAt: at, openCard: null });
    await recordEvent(tx, {
      campaignId: campaign.id,
      name: 'campaign.started',
      actor: input.user,
      data: { brief: campaign.brief },
      at,
    });
    await say(tx, campaign, {
      key: 'started',
      payload: {
        kind: 'text',
        text: 'Started. First I measure the untrained model, then I train. You can write `status`, `pause`, `stop`, `show 3` or `why 3` here at any time.',
      },
      at,
    });
    await showProgress(tx, campaign, at);
    return { private: null };
  });
}

/** Cancel on the brief card: nothing was started, nothing is spent. */
export async function cancelCampaign({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; user: string };
}): Promise<Reply> {
  const name = await ctx.chat.userName(input.user);
  const at = ctx.clock.now();
  const { state } = await getCampaign(ctx.db, input.campaignId);
  if (state !== 'ready' && state !== 'intake')
    return { private: 'It has started already. Write `stop` to end it.' };
  return ctx.db.transaction(async (tx) => {
    const campaign = await lockCampaign(tx, input.campaignId);
    if (campaign.state !== 'ready' && campaign.state !== 'intake')
      return { private: 'It has started already.' };
    await closeOpenCard(tx, campaign, 'cancel', `Cancelled by ${name}. Nothing was spent.`, at);
    await moveCampaign(tx, campaign.id, campaign.state, 'stopped', { finishedAt: at, openCard: null });
    await recordEvent(tx, { campaignId: campaign.id, name: 'campaign.cancelled', actor: input.user, at });
    return { private: null };
  });
}
