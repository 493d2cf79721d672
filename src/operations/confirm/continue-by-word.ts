import type { CostLimit } from '../../campaign/brief.ts';
import { limitText } from '../../report/format.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { continueCampaign } from '../control/continue-campaign.ts';
import { askToConfirm } from './ask-to-confirm.ts';
import { isRefused } from './change-budget-by-word.ts';
import { cancelChoice, yes } from './confirmation.ts';

/**
 * `continue`, `continue with 30 min more`: more money is confirmed by the author.
 * @returns the answer, as a sentence; null where the card asks
 */
export async function continueByWord({
  ctx,
  campaign,
  input,
}: {
  ctx: Context;
  campaign: CampaignRow;
  input: { id: string; user: string; source: string; more: CostLimit | null };
}): Promise<string | null> {
  const { id, user, source, more } = input;
  if (more === null || campaign.brief === null || (await isRefused(ctx, campaign, user)))
    return continueCampaign({ ctx, input: { campaignId: campaign.id, user, source, more, until: null } });
  const from = campaign.brief.budget;
  const text = `Go on with ${limitText(more)} more than the ${limitText(from)} that were agreed?`;
  const choices = [
    { label: `Continue with ${limitText(more)} more`, value: yes, style: 'primary' as const },
    cancelChoice,
  ];
  await askToConfirm({
    ctx,
    campaign,
    input: { id, user, command: { kind: 'continue', from, more }, text, choices },
  });
  return null;
}
