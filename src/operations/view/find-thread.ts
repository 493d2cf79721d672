import { getCampaign } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';

/** The address of a campaign's thread in the chat; null when the chat does not know the thread, or does not answer. */
export async function findThread({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string };
}): Promise<string | null> {
  const { channel, threadTs } = await getCampaign(ctx.db, input.campaignId);
  return ctx.chat.permalink({ channel, ts: threadTs }).catch(() => null);
}
