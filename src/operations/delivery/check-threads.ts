import { asError } from '../../lib/errors.ts';
import { type CampaignRow, getCampaign } from '../../store/campaigns.ts';
import { recordEvent } from '../../store/events.ts';
import { enqueue } from '../../store/outbox.ts';
import { listReachable, loseThread } from '../../store/threads.ts';
import type { Context } from '../context.ts';

/** Ended campaigns are shipped and continued from their threads; older ones are read on their pages. */
const endedMs = 7 * 86_400_000;
const maxEnded = 10;

/**
 * Checks once, when the bot starts, that the chat still knows the threads of the campaigns: the local workspace keeps
 * them in memory, and a running campaign must stay reachable.
 */
export async function checkThreads({ ctx }: { ctx: Context }): Promise<void> {
  const since = new Date(ctx.clock.now().getTime() - endedMs);
  for (const campaign of await listReachable(ctx.db, since, maxEnded)) {
    try {
      await checkThread(ctx, campaign.id);
    } catch (error) {
      // The chat does not say: the campaign stays where it is.
      ctx.log.warn({ err: asError(error), campaignId: campaign.id }, 'thread.not_checked');
    }
  }
}

/**
 * True when a campaign's thread exists. A thread that is gone, by a definite answer of the chat, is recorded together
 * with the first message of a new thread: once that is posted, the campaign moves there.
 * @throws DeliveryError when the chat does not say
 */
export async function checkThread(ctx: Context, campaignId: string): Promise<boolean> {
  const campaign = await getCampaign(ctx.db, campaignId);
  if (campaign.threadLostAt !== null) return false;
  if (await ctx.chat.hasThread({ channel: campaign.channel, threadTs: campaign.threadTs })) return true;
  const channel = await channelFor(ctx, campaign);
  const at = ctx.clock.now();
  await ctx.db.transaction(async (tx) => {
    if (!(await loseThread(tx, campaign, at))) return;
    const old = { channel: campaign.channel, threadTs: campaign.threadTs };
    await recordEvent(tx, { campaignId, name: 'thread.lost', actor: 'system', data: old, at });
    await enqueue(tx, {
      key: `${campaignId}:thread:${campaign.channel}:${campaign.threadTs}`,
      ...{ campaignId, channel, threadTs: null, payload: { kind: 'thread', campaignId }, at },
    });
    ctx.log.warn({ campaignId, ...old }, 'thread.lost');
  });
  return false;
}

/** A direct conversation that was made anew has another channel. */
const channelFor = async ({ chat }: Context, { channel, createdBy }: CampaignRow): Promise<string> =>
  channel.startsWith('D') ? chat.directChannel(createdBy) : channel;
