import { costOfRaise, refusalOf } from '../../campaign/approval-policy.ts';
import type { CostLimit } from '../../campaign/brief.ts';
import type { BudgetChange } from '../../campaign/commands/command.ts';
import { priceOf } from '../../campaign/price.ts';
import { isActiveCampaign } from '../../campaign/states.ts';
import { limitText } from '../../report/format.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { listAskers } from '../../store/events.ts';
import { changeBudget } from '../budget/change-budget.ts';
import type { Context } from '../context.ts';
import { askToConfirm } from './ask-to-confirm.ts';
import { cancelChoice, yes } from './confirmation.ts';

/**
 * `raise the budget to 20 min`, `lower it by $5`, `double the budget`, written in the thread. A raise is confirmed by
 * its author, who sees the new total.
 * @returns the answer, as a sentence; null where the card asks
 */
export async function changeBudgetByWord({
  ctx,
  campaign,
  input,
}: {
  ctx: Context;
  campaign: CampaignRow;
  input: { id: string; user: string; source: string; change: BudgetChange };
}): Promise<string | null> {
  const { id, user, source, change } = input;
  const now = (): Promise<string> =>
    changeBudget({ ctx, input: { campaignId: campaign.id, user, source, change: 'set', limit: to ?? old } });
  if (campaign.brief === null) return 'This campaign was cancelled before it had a budget.';
  const old = campaign.brief.budget;
  const to = newTotal(old, change);
  if (to === null) return `The budget is ${limitText(old)}; that leaves nothing of it. Nothing was changed.`;
  const total = { computeSeconds: to.computeSeconds ?? old.computeSeconds, usd: to.usd ?? old.usd };
  const usdPerHour = priceOf(ctx.settings, campaign);
  const raise = costOfRaise(old, total, usdPerHour);
  const isRaise = raise.computeSeconds > 0 || raise.usd > 0;
  const isPriced = to.usd === null || Boolean(usdPerHour);
  // A change that is refused, or that costs nothing, is answered at once.
  if (!isRaise || !isPriced || !isActiveCampaign(campaign.state) || (await isRefused(ctx, campaign, user)))
    return now();
  await askToConfirm({
    ctx,
    campaign,
    input: {
      id,
      user,
      command: { kind: 'budget', from: old, to },
      text: `Raise the budget from ${limitText(old)} to ${limitText(total)} in all?`,
      choices: [{ label: `Raise to ${limitText(total)}`, value: yes, style: 'primary' }, cancelChoice],
    },
  });
  return null;
}

/** True where this person may not raise the budget; `changeBudget` has the sentence about it. */
export async function isRefused(ctx: Context, campaign: CampaignRow, user: string): Promise<boolean> {
  const askedBy = [campaign.createdBy, ...(await listAskers(ctx.db, campaign.id, null))];
  return refusalOf(ctx.settings, { user, decision: 'approve' }, askedBy) !== null;
}

/** The sides that change, as new totals; null where one would not be above zero. */
function newTotal(old: CostLimit, change: BudgetChange): CostLimit | null {
  const total = (side: keyof CostLimit): number | null => {
    const before = old[side];
    if (change.change === 'scale') return before === null ? null : before * change.factor;
    const amount = change.limit[side];
    if (amount === null || change.change === 'set') return amount;
    return change.change === 'add' ? (before ?? 0) + amount : (before ?? 0) - amount;
  };
  const limit = { computeSeconds: total('computeSeconds'), usd: total('usd') };
  return Object.values(limit).some((value) => value !== null && !(value > 0)) ? null : limit;
}
