import { findMoments } from '../../lib/parse/moments.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { continueCampaign } from './continue-campaign.ts';

/** `continue until tomorrow 9:00`: continues with a new deadline, in the time zone of the campaign's requester. */
export async function continueUntil({
  ctx,
  campaign,
  input: { words, ...input },
}: {
  ctx: Context;
  campaign: CampaignRow;
  input: { user: string; source: string; words: string };
}): Promise<string> {
  const now = ctx.clock.now();
  const [moment, ...others] = findMoments(words, now, campaign.timeZone);
  const [until, another] = moment?.readings ?? [];
  if (until === undefined || another !== undefined || others.length > 0)
    return `I cannot make out until when. Say it like \`continue until tomorrow 9:00\`. Nothing was changed.`;
  if (until <= now) return 'That moment has passed. Nothing was changed.';
  return continueCampaign({ ctx, input: { ...input, campaignId: campaign.id, more: null, until } });
}
