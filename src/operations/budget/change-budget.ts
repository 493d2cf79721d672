import { costOfRaise, mayShape, type Refusal, ruleOn } from '../../campaign/approval-policy.ts';
import type { Cost, CostLimit } from '../../campaign/brief.ts';
import { addCost, addLimit, isAbove } from '../../campaign/cost.ts';
import { priceOf } from '../../campaign/price.ts';
import { isActiveCampaign } from '../../campaign/states.ts';
import { canonicalJson } from '../../lib/hash.ts';
import { parseLimit } from '../../lib/parse/amounts.ts';
import { listText } from '../../lib/text.ts';
import { costText, limitText } from '../../report/format.ts';
import { updateCampaign } from '../../store/campaigns.ts';
import { listAskers, listRaiseVotes, recordEvent } from '../../store/events.ts';
import { ledgerTotals } from '../../store/ledger.ts';
import type { Reply } from '../bot.ts';
import {
  type ActiveChange,
  asActiveChange,
  changeCampaign,
  earlierAnswer,
  recordChange,
  whyNotUnderWay,
} from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { lookUpNames, notYoursText, refusalText } from '../people.ts';
import { showProgress } from '../say.ts';
import { closeBudgetQuestion, noteOnBudgetQuestion, openBudgetCard } from './budget-question.ts';
import { committed, decidedAlone } from './decided-alone.ts';

/** The result of one person's wish about the budget. */
type Outcome =
  | { kind: 'said'; text: string }
  | { kind: 'changed'; text: string }
  | { kind: 'one_more'; text: string }
  | { kind: 'refused'; refusal: Refusal; askedBy: string[]; budget: CostLimit }
  | { kind: 'stranger'; requester: string };

/** A budget that somebody wants, with its texts for the audit and the card. */
interface Wanted {
  budget: CostLimit;
  user: string;
  /** `made it 20 min`, after the names of who did. */
  told: string;
  audit: Record<string, unknown>;
}

/**
 * "Raise the budget to 20 min", "add 5 min". Takes effect at once, also for nodes that were refused for lack of
 * budget, and answers an open question about it. A raise commits money and is held to the approval rules; lowering is
 * for the requester and the approvers, and has a minimum: below it a campaign is ended, not limited.
 * @returns the answer, as a sentence
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
    /** It is to be continued with the new budget. Unset: what has ended stays as it is. */
    toContinue?: boolean;
    /** The budget that the person saw: where it is another one by now, nothing is changed. Unset: any. */
    from?: CostLimit;
  };
}): Promise<string> {
  const { limit, user, source } = input;
  const nameOf = await namesAround(ctx, input);
  const outcome = await changeCampaign(ctx, input.campaignId, async (change): Promise<Outcome> => {
    const { campaign } = change;
    const said = (text: string): Outcome => ({ kind: 'said', text });
    const answer =
      (await earlierAnswer(change, source)) ?? (input.toContinue === true ? null : whyNotUnderWay(campaign));
    if (answer !== null) return said(answer);
    const active = asActiveChange(change);
    const usdPerHour = priceOf(ctx.settings, campaign);
    if (limit.usd !== null && !usdPerHour) return said(noPriceText(usdPerHour));
    const { budget: old } = active.campaign.brief;
    const next = (before: number | null, more: number | null): number | null =>
      more === null ? before : input.change === 'set' ? more : (before ?? 0) + more;
    const budget = {
      computeSeconds: next(old.computeSeconds, limit.computeSeconds),
      usd: next(old.usd, limit.usd),
    };
    if (input.from !== undefined && canonicalJson(input.from) !== canonicalJson(old))
      return said(`The budget is ${limitText(old)} by now, so I have changed nothing. Say it again, please.`);
    if (isAbove(smallest, budget)) return said(tooSmallText);
    const told = `made it ${limitText(budget)}`;
    const audit = source === undefined ? {} : { source };
    return decide(active, { budget, user, told, audit }, nameOf);
  });
  switch (outcome.kind) {
    case 'refused':
      return `${await refusalText(ctx, { ...outcome, about: 'money' })} The budget stays ${limitText(outcome.budget)}.`;
    case 'stranger':
      return notYoursText(ctx, outcome.requester, 'lower this budget');
    default:
      return outcome.text;
  }
}

/** The minimum of a budget; no run takes less. */
const smallest: Cost = { computeSeconds: 1, usd: 0.01 };
const tooSmallText =
  'A budget that small pays for nothing: the smallest is 1 s, or $0.01. To end the campaign, write `stop`. Nothing was changed.';

const noPriceText = (usdPerHour: number | null): string =>
  usdPerHour === 0
    ? 'An hour here costs nothing, so a budget in dollars would never end. Give me minutes, for example `raise the budget to 20 min`.'
    : 'Nobody has told me what an hour on one slot costs here, so I cannot keep a budget in dollars. Tell me first, for example `price $2.50`, or give me minutes.';

/** A button under "the budget is used up". The question is answered once; a later click learns by which amount. */
export async function raiseBudget({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; question: string; value: string; user: string };
}): Promise<Reply> {
  const nameOf = await namesAround(ctx, input);
  const outcome = await changeCampaign(ctx, input.campaignId, async (change): Promise<Outcome> => {
    const { campaign } = change;
    const said = (text: string): Outcome => ({ kind: 'said', text });
    if (!isActiveCampaign(campaign.state))
      return said(`This campaign is ${campaign.state}; its budget no longer matters.`);
    const active = asActiveChange(change);
    const { budget: old } = active.campaign.brief;
    const card = openBudgetCard(campaign);
    if (card === null || card.questionId !== input.question)
      return said(`That question is answered already: the budget is ${limitText(old)} now.`);
    // The amount on the card is added, whatever the click carries.
    const more = card.raises.some((raise) => raise.value === input.value) ? parseLimit(input.value) : null;
    if (more === null) return said('That amount is not on the card; nothing was changed.');
    const budget = addLimit(old, more);
    const told = `added ${input.value}: it is ${limitText(budget)} now`;
    const audit = { question: card.questionId, card };
    return decide(active, { budget, user: input.user, told, audit }, nameOf);
  });
  switch (outcome.kind) {
    case 'changed':
      return { private: null };
    case 'refused':
      return { private: await refusalText(ctx, { ...outcome, about: 'money' }) };
    case 'stranger':
      return { private: await notYoursText(ctx, outcome.requester, 'change this budget') };
    default:
      return { private: outcome.text };
  }
}

/**
 * Sets the budget, or counts an approval of it. An approval is of one total and counts until the budget changes: a
 * sentence and a button that come to the same total are two of them.
 */
async function decide(
  change: ActiveChange,
  wanted: Wanted,
  nameOf: (id: string) => string,
): Promise<Outcome> {
  const { ctx, tx, campaign, at } = change;
  const { budget, user, audit } = wanted;
  const { budget: old } = campaign.brief;
  const commits = costOfRaise(old, budget, priceOf(ctx.settings, campaign));
  if (commits.computeSeconds === 0 && commits.usd === 0) {
    if (!mayShape(ctx.settings, campaign.createdBy, user))
      return { kind: 'stranger', requester: campaign.createdBy };
    return setBudget(change, wanted, { names: nameOf(user), commits, yeses: [user] });
  }
  const askedBy = [campaign.createdBy, ...(await listAskers(tx, campaign.id, null))];
  const earlier = (await listRaiseVotes(tx, campaign.id)).filter(
    ({ to }) => canonicalJson(to) === canonicalJson(budget),
  );
  const alone = await decidedAlone(ctx, tx, { campaignId: campaign.id, user });
  const votes = earlier.map((one) => ({ user: one.user, decision: 'approve' as const }));
  const ruling = ruleOn(ctx.settings, { user, earlier: votes, askedBy, commits, alone });
  if (ruling.kind === 'refused') return { kind: 'refused', refusal: ruling.refusal, askedBy, budget: old };
  const { yeses } = ruling;
  const names = listText(yeses.map(nameOf));
  if (ruling.kind === 'granted') return setBudget(change, wanted, { names, commits, yeses });
  if (earlier.some((one) => one.user === user)) {
    const text = `You have said yes to ${limitText(budget)} already, and nobody counts twice: one more person has to say yes.`;
    return { kind: 'one_more', text };
  }
  const why = isAbove(commits, ctx.settings.twoApproversAbove)
    ? 'It is so much more'
    : `With what one person alone has added in the last 24 hours, ${costText(alone)}, it is so much more`;
  const text = `Your yes to ${limitText(budget)} counts. ${why} that one more person has to say yes, with the same words or the same button. The budget stays ${limitText(old)} until then.`;
  await recordChange(change, 'budget.voted', { to: budget, text, ...audit }, user);
  const note = `${names} said yes to ${limitText(budget)} in all; one more person has to.`;
  await noteOnBudgetQuestion(tx, campaign, note, at);
  return { kind: 'one_more', text };
}

async function setBudget(
  { tx, campaign, at }: ActiveChange,
  { budget, user, told, audit }: Wanted,
  { names, commits, yeses }: { names: string; commits: Cost; yeses: string[] },
): Promise<Outcome> {
  const brief = campaign.brief;
  const { spent, reserved } = await ledgerTotals(tx, campaign.id);
  const used = addCost(spent, reserved);
  const overdrawn = isAbove(used, budget)
    ? ` ${costText(used)} are spent or held already: nothing new starts, and what runs goes on to its end.`
    : '';
  const text = `Budget is now ${limitText(budget)}.${overdrawn}`;
  await updateCampaign(tx, campaign.id, {
    brief: { ...brief, budget },
    ...(campaign.paused ? {} : { heldBecause: null }),
  });
  await closeBudgetQuestion(tx, campaign, `${names} ${told}.`, at);
  await recordEvent(tx, {
    campaignId: campaign.id,
    name: 'budget.changed',
    actor: user,
    data: { from: brief.budget, to: budget, text, ...committed(commits, yeses), ...audit },
    at,
  });
  await showProgress(tx, campaign, at);
  return { kind: 'changed', text };
}

/** Names of the person and of earlier approvers, looked up outside of the transaction. */
async function namesAround(
  ctx: Context,
  { campaignId, user }: { campaignId: string; user: string },
): Promise<(id: string) => string> {
  const voters = (await listRaiseVotes(ctx.db, campaignId)).map((vote) => vote.user);
  return lookUpNames(ctx, [user, ...voters]);
}
