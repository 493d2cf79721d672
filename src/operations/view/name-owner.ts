import { getCampaign } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { nameOf } from '../people.ts';

/** The name of who asked for a campaign; their id when the chat does not answer. */
export async function nameOwner({ ctx, campaignId }: { ctx: Context; campaignId: string }): Promise<string> {
  const { createdBy } = await getCampaign(ctx.db, campaignId);
  return nameOf(ctx, createdBy);
}
