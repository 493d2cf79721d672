import { type CampaignRow, moveCampaign, updateCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { closeBudgetQuestion, heldByBudget } from '../budget/budget-question.ts';
import { changeCampaign, earlierAnswer, recordChange, whyNotUnderWay } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { endValues, endWork } from '../end/end-work.ts';
import { endJob } from '../jobs/reap-jobs.ts';
import { showProgress } from '../say.ts';

export interface Input {
  campaignId: string;
  user: string;
  /** The message that asks for it: it counts once, and asked again it gets the same answer. */
  source?: string;
}

/** Nothing new starts; what runs goes on. */
export async function pauseCampaign({ ctx, input }: { ctx: Context; input: Input }): Promise<string> {
  const name = await ctx.chat.userName(input.user);
  return change(ctx, input, 'campaign.paused', async (tx, campaign) => {
    if (campaign.paused) return 'It is paused already. Write `resume` to go on.';
    await updateCampaign(tx, campaign.id, { paused: true, heldBecause: `paused by ${name}` });
    return `Paused by ${name}. What runs now goes on to its end; nothing new starts until somebody writes \`resume\`.`;
  });
}

export async function resumeCampaign({ ctx, input }: { ctx: Context; input: Input }): Promise<string> {
  const name = await ctx.chat.userName(input.user);
  return change(ctx, input, 'campaign.resumed', async (tx, campaign) => {
    if (!campaign.paused) return 'It is not paused.';
    await updateCampaign(tx, campaign.id, { paused: false, heldBecause: heldByBudget(campaign) });
    return `Going on, as ${name} wishes.`;
  });
}

/**
 * Ends a campaign: running jobs are cancelled and proven gone, their reservations released. The results so far are
 * reported once the jobs have ended, and the best weights are kept.
 */
export async function stopCampaign({ ctx, input }: { ctx: Context; input: Input }): Promise<string> {
  const name = await ctx.chat.userName(input.user);
  const at = ctx.clock.now();
  const because = `stopped by ${name}`;
  let live: string[] = [];
  const text = await change(ctx, input, 'campaign.stopped', async (tx, campaign) => {
    await moveCampaign(tx, campaign.id, campaign.state, 'stopped', {
      ...endValues(campaign, at),
      endedBecause: `Stopped by ${name}.`,
      reportDue: true,
    });
    live = await endWork(tx, campaign, because, at);
    await closeBudgetQuestion(tx, campaign, 'Stopped.', at);
    return `Stopped by ${name}. Running work is being cancelled. What was measured so far stays: I write a report of it and keep the best weights. \`continue\` takes the stop back.`;
  });
  for (const key of live) await endJob(ctx, key);
  return text;
}

/** A change of a campaign that is under way, once per message, in one transaction with its event. @returns what to say */
export async function change(
  ctx: Context,
  input: Input,
  name: string,
  act: (tx: DbOrTx, campaign: CampaignRow) => Promise<string>,
): Promise<string> {
  return changeCampaign(ctx, input.campaignId, async (change) => {
    const { tx, campaign, at } = change;
    const { source } = input;
    const answer = (await earlierAnswer(change, source)) ?? whyNotUnderWay(campaign);
    if (answer !== null) return answer;
    const text = await act(tx, campaign);
    await recordChange(
      change,
      name,
      { text, end: campaign.ends + 1, ...(source === undefined ? {} : { source }) },
      input.user,
    );
    await showProgress(tx, campaign, at);
    return text;
  });
}
