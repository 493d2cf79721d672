import { limitText } from '../../report/format.ts';
import { getCampaign } from '../../store/campaigns.ts';
import type { Reply } from '../bot.ts';
import type { Context } from '../context.ts';
import { editBrief } from './edit-brief.ts';

/**
 * The button of a brief card whose budget holds no whole run: an edit of the budget, with the rights of one. The
 * amount is the one on the open card; a click on an older card says so.
 */
export async function raiseBriefBudget({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; value: string; user: string };
}): Promise<Reply> {
  const { openCard } = await getCampaign(ctx.db, input.campaignId);
  const raise = openCard?.payload.kind === 'brief' ? openCard.payload.worth?.raise : undefined;
  if (raise == null || limitText(raise) !== input.value)
    return { private: 'That card was replaced by a newer one. The newest message in the thread counts.' };
  const edited = await editBrief({
    ctx,
    input: { campaignId: input.campaignId, user: input.user, values: { budget: input.value } },
  });
  return 'errors' in edited ? { private: edited.errors.budget ?? null } : edited;
}
