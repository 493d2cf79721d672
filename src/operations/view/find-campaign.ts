import { listCampaigns } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';

/** The id of the campaign in a thread, whatever the team; null when there is none. */
export async function findCampaign({
  ctx,
  input,
}: {
  ctx: Context;
  input: { channel: string; threadTs: string };
}): Promise<string | null> {
  const rows = await listCampaigns(ctx.db, { channel: input.channel }, 100);
  return rows.find((row) => row.threadTs === input.threadTs)?.id ?? null;
}
