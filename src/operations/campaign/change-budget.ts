import { isApprover } from '../../campaign/approval-policy.ts';
import type { Brief, CostLimit } from '../../campaign/brief.ts';
import { isActiveCampaign, isFinalCampaign } from '../../campaign/states.ts';
import { parseLimit } from '../../lib/parse/amounts.ts';
import { limitText } from '../../report/format.ts';
import { type CampaignRow, lockCampaign, updateCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { findEventBySource, recordEvent } from '../../store/events.ts';
import type { Reply } from '../bot.ts';
import type { Context } from '../context.ts';
import { showProgress } from '../say.ts';
import { closeBudgetQuestion, openBudgetCard } from './budget-question.ts';
import { namesOfApprovers } from './decide-approval.ts';

const noPrice =
  'An hour here has no price, so I cannot keep a budget in dollars. Give me minutes, for example `raise the budget to 20 min`.';

/**
 * "Raise the budget to 20 min", "add 5 min". Takes effect at once, also for what was refused for lack of money, and
 * answers an open question about it. Only approvers may raise; anybody may lower. @returns the answer, as a sentence
 */
export async function changeBudget({
  ctx,
  input,
}: {
  ctx: Context;
  input: {
    campaignId: string;
    user: string;
    change: 'set' | 'add';
    limit: CostLimit;
    /** The message that asks for it: it counts once, and asked again it gets the same answer. */
    source?: string;
  };
}): Promise<string> {
  const { limit, user } = input;
  if (limit.usd !== null && !ctx.settings.usdPerHour) return noPrice;
  const [name, approvers] = await Promise.all([ctx.chat.userName(user), namesOfApprovers(ctx)]);
  return ctx.db.transaction(async (tx) => {
    const campaign = await lockCampaign(tx, input.campaignId);
    const { source } = input;
    const earlier = source === undefined ? undefined : await findEventBySource(tx, campaign.id, source);
    if (earlier !== undefined) return String(earlier.text);
    if (isFinalCampaign(campaign.state))
      return `This campaign is ${campaign.state}; there is nothing to change.`;
    if (!isActiveCampaign(campaign.state)) return 'It has not started yet.';
    const { budget: old } = campaign.brief as Brief;
    const next = (before: number | null, more: number | null): number | null =>
      more === null ? before : input.change === 'set' ? more : (before ?? 0) + more;
    const budget = {
      computeSeconds: next(old.computeSeconds, limit.computeSeconds),
      usd: next(old.usd, limit.usd),
    };
    if (isRaise(old, budget) && !isApprover(ctx.settings, user))
      return `You may not decide about money here. ${approvers} can. The budget stays ${limitText(old)}.`;
    const text = `Budget is now ${limitText(budget)}.`;
    await setBudget(ctx, tx, campaign, budget, {
      user,
      closed: `${name} made it ${limitText(budget)}.`,
      audit: { text, ...(source === undefined ? {} : { source }) },
    });
    return text;
  });
}

/** A button under "the budget is used up". The question is answered once; another click is told by what. */
export async function raiseBudget({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; question: string; value: string; user: string };
}): Promise<Reply> {
  const { user } = input;
  if (!isApprover(ctx.settings, user))
    return { private: `You may not decide about money here. ${await namesOfApprovers(ctx)} can.` };
  const name = await ctx.chat.userName(user);
  return ctx.db.transaction(async (tx): Promise<Reply> => {
    const campaign = await lockCampaign(tx, input.campaignId);
    if (!isActiveCampaign(campaign.state))
      return { private: `This campaign is ${campaign.state}; its budget no longer matters.` };
    const { budget: old } = campaign.brief as Brief;
    const card = openBudgetCard(campaign);
    if (card === null || card.questionId !== input.question)
      return { private: `That question is answered already: the budget is ${limitText(old)} now.` };
    // What stands on the card is what is added, whatever the click says.
    const more = card.raises.some((raise) => raise.value === input.value) ? parseLimit(input.value) : null;
    if (more === null) return { private: 'That amount is not on the card; nothing was changed.' };
    const plus = (cap: number | null, amount: number | null): number | null =>
      cap === null || amount === null ? cap : cap + amount;
    const budget = {
      computeSeconds: plus(old.computeSeconds, more.computeSeconds),
      usd: plus(old.usd, more.usd),
    };
    await setBudget(ctx, tx, campaign, budget, {
      user,
      closed: `${name} added ${input.value}: it is ${limitText(budget)} now.`,
      audit: { question: card.questionId, card },
    });
    return { private: null };
  });
}

/** A side that was not limited and is now is lowered by it. */
const isRaise = (old: CostLimit, budget: CostLimit): boolean =>
  (['computeSeconds', 'usd'] as const).some(
    (side) => old[side] !== null && (budget[side] === null || (budget[side] ?? 0) > (old[side] ?? 0)),
  );

async function setBudget(
  ctx: Context,
  tx: DbOrTx,
  campaign: CampaignRow,
  budget: CostLimit,
  by: { user: string; closed: string; audit: Record<string, unknown> },
): Promise<void> {
  const at = ctx.clock.now();
  const brief = campaign.brief as Brief;
  await updateCampaign(tx, campaign.id, {
    brief: { ...brief, budget },
    ...(campaign.paused ? {} : { heldBecause: null }),
  });
  await closeBudgetQuestion(tx, campaign, by.closed, at);
  await recordEvent(tx, {
    campaignId: campaign.id,
    name: 'budget.changed',
    actor: by.user,
    data: { from: brief.budget, to: budget, ...by.audit },
    at,
  });
  await showProgress(tx, campaign, at);
}
