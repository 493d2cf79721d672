import { noSteering } from '../../campaign/steering.ts';
import { existing } from '../../lib/errors.ts';
import { type CampaignRow, findCampaignByThread, insertCampaign } from '../../store/campaigns.ts';
import { ensureChannel } from '../../store/channels.ts';
import { isUniqueViolation } from '../../store/db.ts';
import { recordEvent } from '../../store/events.ts';
import { reopenInbox } from '../../store/inbox.ts';
import type { IncomingMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { threadKey } from '../inbox/thread-key.ts';

/** Starts a campaign for a request, once per thread, however often the request is delivered. */
export async function openCampaign({
  ctx,
  input,
}: {
  ctx: Context;
  input: IncomingMessage;
}): Promise<CampaignRow> {
  const thread = { teamId: input.teamId, channel: input.channel, threadTs: input.threadTs ?? input.ts };
  const at = ctx.clock.now();
  const timeZone = (await ctx.chat.timeZoneOf(input.user).catch(() => null)) ?? ctx.settings.defaultTimeZone;
  const id = ctx.newId('c');
  try {
    await ctx.db.transaction(async (tx) => {
      await insertCampaign(tx, {
        id,
        ...thread,
        createdBy: input.user,
        state: 'intake',
        steering: noSteering,
        timeZone,
        createdAt: at,
      });
      await ensureChannel(tx, {
        teamId: input.teamId,
        channel: input.channel,
        timeZone,
        summaryMinute: ctx.settings.summaryMinute,
        at,
      });
      await recordEvent(tx, { campaignId: id, name: 'campaign.opened', actor: input.user, at });
      // Answers in the thread that were delivered before the request belonged to no campaign then.
      await reopenInbox(tx, { thread: threadKey(thread), afterTs: input.ts, at });
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
  }
  return existing(await findCampaignByThread(ctx.db, thread), 'The campaign of the thread');
}
