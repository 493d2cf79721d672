import type { Period } from '../../campaign/commands/command.ts';
import { countText } from '../../lib/text.ts';
import { costText, moneyText } from '../../report/format.ts';
import { sumSpend } from '../../store/spend.ts';
import type { Context } from '../context.ts';
import { whereSeen } from './list-campaigns.ts';

const periodText: Record<Period, string> = {
  today: 'Today',
  yesterday: 'Yesterday',
  week: 'This week',
  month: 'This month',
  ever: 'So far',
};

/** "How much did we spend this week?": from the ledger, for the channel or for the person alone. */
export async function tellSpend({
  ctx,
  input,
}: {
  ctx: Context;
  input: { teamId: string; channel: string; user: string; mine: boolean; period: Period };
}): Promise<string> {
  const { teamId, user, mine, period } = input;
  const where = mine ? { teamId, createdBy: user } : whereSeen(input);
  const timeZone = (await ctx.chat.timeZoneOf(user).catch(() => null)) ?? ctx.settings.defaultTimeZone;
  const spend = await sumSpend(ctx.db, where, { period, now: ctx.clock.now(), timeZone });
  const whose = where.createdBy === undefined ? 'campaigns of this channel' : 'your campaigns';
  const held =
    spend.held.computeSeconds > 0 ? ` ${costText(spend.held)} more is held for work that is under way.` : '';
  const thinking = spend.thinkingUsd > 0 ? ` and ${moneyText(spend.thinkingUsd)} on thinking` : '';
  if (spend.campaigns === 0) return `${periodText[period]}, ${whose} have spent nothing${thinking}.${held}`;
  return `${periodText[period]}, ${whose} have spent ${costText(spend.compute)} of compute${thinking} (${countText(spend.campaigns, 'campaign')}).${held}`;
}
