import { refusalOf } from '../../campaign/approval-policy.ts';
import type { Brief, CostLimit } from '../../campaign/brief.ts';
import { isActiveCampaign } from '../../campaign/states.ts';
import { parseLimit } from '../../lib/parse/amounts.ts';
import { countText } from '../../lib/text.ts';
import { limitText } from '../../report/format.ts';
import { type CampaignRow, getCampaign, moveCampaign } from '../../store/campaigns.ts';
import { findEventBySource, listAskers } from '../../store/events.ts';
import { budgetLeft } from '../../store/ledger.ts';
import { updateTrial } from '../../store/trials.ts';
import type { Reply } from '../bot.ts';
import { changeBudget } from '../budget/change-budget.ts';
import { type ActiveChange, changeActiveCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { BudgetExceeded } from '../launch/launch-node.ts';
import { relaunchBaseline } from '../launch/relaunch-baseline.ts';
import { nameOf, refusalText } from '../people.ts';
import { say, showProgress } from '../say.ts';
import { rankedNodes } from '../view/best-nodes.ts';
import { loadTree, type Tree } from '../view/load-tree.ts';
import { pickFinalists } from '../view/pick-finalists.ts';
import { type ContinueWish, goneText, planContinue, whyNotContinued } from './continue-plan.ts';
import { resumeCampaign } from './control-campaign.ts';

interface Input extends ContinueWish {
  campaignId: string;
  user: string;
  /** The message or click that asks for it: it counts once, and asked again it gets the same answer. */
  source: string;
}

/**
 * Continues a campaign that has ended: the search goes on from the tree it has, with the budget left and what is
 * added to it. An addition is held to the rules of a raise; going on spends what was agreed to, and is up to people
 * who may approve money. A campaign under way is resumed, or its budget raised.
 * @returns the answer, as a sentence
 */
export async function continueCampaign({ ctx, input }: { ctx: Context; input: Input }): Promise<string> {
  return (await goOn(ctx, input)).text;
}

/** A button under the report of one end: pressed after a later one, or by a second person, it changes nothing. */
export async function continueFromReport({
  ctx,
  input: { end, value, ...input },
}: {
  ctx: Context;
  input: { campaignId: string; user: string; end: number; value: string };
}): Promise<Reply> {
  const campaign = await getCampaign(ctx.db, input.campaignId);
  if (isActiveCampaign(campaign.state)) return { private: 'It has been continued already.' };
  if (campaign.ends !== end)
    return { private: 'This is the report of an earlier end; please use the button under the last one.' };
  const more = value === '' ? null : parseLimit(value);
  if (value !== '' && more === null)
    return { private: 'That amount is not on the card; nothing was changed.' };
  const source = `continue:${end}:${value}:${input.user}`;
  const { text, isDone } = await goOn(ctx, { ...input, more, until: null, source });
  if (!isDone) return { private: text };
  await say(ctx.db, campaign, {
    key: `continued:${end}`,
    payload: { kind: 'text', text },
    at: ctx.clock.now(),
  });
  return { private: null };
}

interface Answer {
  text: string;
  /** It goes on now. */
  isDone: boolean;
}

async function goOn(ctx: Context, input: Input): Promise<Answer> {
  const { campaignId, user, more, source } = input;
  const campaign = await getCampaign(ctx.db, campaignId);
  const said = (text: string): Answer => ({ text, isDone: false });
  const earlier = await findEventBySource(ctx.db, campaignId, source);
  if (earlier !== undefined) return { text: String(earlier.text), isDone: true };
  if (isActiveCampaign(campaign.state)) return said(await goOnWithin(ctx, campaign, input));
  const why = whyNotContinued(campaign);
  if (why !== null) return said(why);
  const plan = planContinue(ctx, await loadTree(ctx, campaignId), input);
  if (typeof plan === 'string') return said(plan);
  if (more !== null) {
    const raise = `${source}:budget`;
    const text = await changeBudget({
      ctx,
      input: { campaignId, user, change: 'add', limit: more, source: raise, toContinue: true },
    });
    const raised = await findEventBySource(ctx.db, campaignId, raise);
    // Refused, or one more person has to approve.
    if (raised?.from === undefined) return said(text);
  }
  const name = await nameOf(ctx, user);
  const refused = await refusalOfMoney(ctx, campaign, user);
  if (refused !== null) return said(refused);
  try {
    return await changeActiveCampaign(ctx, input.campaignId, (change) =>
      move(change, { ...input, more: null }, name),
    );
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return said('What is left of the budget does not even measure the untrained model. Add to it, please.');
  }
}

/** The campaign is under way: `continue` ends a pause, and an amount raises the budget. */
async function goOnWithin(ctx: Context, campaign: CampaignRow, input: Input): Promise<string> {
  const { campaignId, user, more, source } = input;
  const texts: string[] = [];
  if (more !== null)
    texts.push(
      await changeBudget({
        ctx,
        input: { campaignId, user, change: 'add', limit: more, source: `${source}:budget` },
      }),
    );
  if (campaign.paused) texts.push(await resumeCampaign({ ctx, input: { campaignId, user, source } }));
  if (input.until !== null) texts.push('Its deadline stays as it is.');
  return texts.length === 0 ? 'It is going on already.' : texts.join(' ');
}

/** Why this person may not have the rest of the budget spent, as a sentence; null when they may. */
async function refusalOfMoney(ctx: Context, campaign: CampaignRow, user: string): Promise<string | null> {
  const askedBy = [campaign.createdBy, ...(await listAskers(ctx.db, campaign.id, null))];
  const refusal = refusalOf(ctx.settings, { user, decision: 'approve' }, askedBy);
  return refusal === null ? null : await refusalText(ctx, { refusal, askedBy, about: 'money' });
}

async function move(change: ActiveChange, input: Input, name: string): Promise<Answer> {
  const { ctx, tx, campaign, at } = change;
  const tree = await loadTree({ db: tx }, campaign.id);
  const plan = planContinue(ctx, tree, input);
  if (typeof plan === 'string') return { text: plan, isDone: false };
  const { brief, notes } = plan;
  const text = [
    `Going on, as ${name} wishes, from the tree as it is: ${countText(tree.nodes.length, 'node')}, ${leftText(brief.budget, tree)}.`,
    ...notes,
    goneText(await bestWithoutWeights({ ...ctx, db: tx as Context['db'] }, tree)),
  ]
    .filter((part) => part !== '')
    .join(' ');
  await moveCampaign(tx, campaign.id, campaign.state, 'searching', {
    brief,
    final: null,
    kept: null,
    earlier: campaign.final === null ? campaign.earlier : [...campaign.earlier, campaign.final],
    endedBecause: null,
    reportDue: false,
    testing: null,
    finishedAt: null,
    // Weights of other runs may be removed again.
    weightsSettledAt: null,
  });
  // Answers to the test rows that failed are asked for again.
  for (const { id, state, failure } of tree.trials)
    if (state === 'scored' && failure !== null) await updateTrial(tx, id, { failure: null });
  await relaunchBaseline({ ...change, campaign: { ...campaign, brief } }, tree);
  await recordChange(
    change,
    'campaign.continued',
    { text, source: input.source, end: campaign.ends },
    input.user,
  );
  await showProgress(tx, campaign, at);
  return { text, isDone: true };
}

const leftText = (budget: Brief['budget'], { totals }: Tree): string => {
  const left: CostLimit = budgetLeft(budget, totals);
  return left.computeSeconds === null && left.usd === null ? 'no limit' : `${limitText(left)} left`;
};

/** The best node on search, where its weights are gone. */
async function bestWithoutWeights(ctx: Context, tree: Tree): Promise<number[]> {
  const [best] = rankedNodes(tree);
  const [there] = await pickFinalists(ctx, tree);
  return best === undefined || best.id === there?.id ? [] : [best.number];
}
