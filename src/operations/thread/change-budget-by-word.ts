import type { Brief, CostLimit } from '../../campaign/brief.ts';
import type { BudgetChange } from '../../campaign/commands/command.ts';
import { limitText } from '../../report/format.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { changeBudget } from '../campaign/change-budget.ts';
import type { Context } from '../context.ts';

/** `raise the budget to 20 min`, `lower it by $5`, `double the budget`: as a person said it in the thread. */
export async function changeBudgetByWord({
  ctx,
  campaign,
  input,
}: {
  ctx: Context;
  campaign: CampaignRow;
  input: { campaignId: string; user: string; source: string } & BudgetChange;
}): Promise<string> {
  const { campaignId, user, source } = input;
  if (input.change === 'set' || input.change === 'add')
    return changeBudget({
      ctx,
      input: { campaignId, user, source, change: input.change, limit: input.limit },
    });
  const old = (campaign.brief as Brief).budget;
  const limit = newTotal(old, input);
  if (limit === null)
    return `The budget is ${limitText(old)}; that leaves nothing of it. Nothing was changed.`;
  return changeBudget({ ctx, input: { campaignId, user, source, change: 'set', limit } });
}

/** The sides that change, as new totals; null where one would not be above zero. */
function newTotal(
  old: CostLimit,
  change: Extract<BudgetChange, { change: 'subtract' | 'scale' }>,
): CostLimit | null {
  const total = (side: keyof CostLimit): number | null => {
    const before = old[side];
    if (change.change === 'scale') return before === null ? null : before * change.factor;
    const less = change.limit[side];
    return less === null ? null : (before ?? 0) - less;
  };
  const limit = { computeSeconds: total('computeSeconds'), usd: total('usd') };
  return Object.values(limit).some((value) => value !== null && !(value > 0)) ? null : limit;
}
