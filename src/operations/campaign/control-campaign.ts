import { isActiveCampaign, isFinalCampaign } from '../../campaign/states.ts';
import { decideApprovalRow, listApprovals } from '../../store/approvals.ts';
import { type CampaignRow, lockCampaign, moveCampaign, updateCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { findEventBySource, recordEvent } from '../../store/events.ts';
import { listJobs } from '../../store/jobs.ts';
import { listNodes, moveNode } from '../../store/nodes.ts';
import { listTrials, moveTrial } from '../../store/trials.ts';
import type { Context } from '../context.ts';
import { cancelJob } from '../jobs/reap-jobs.ts';
import { withdrawIntent } from '../jobs/withdraw-intent.ts';
import { showProgress } from '../say.ts';
import { closeBudgetQuestion, heldByBudget } from './budget-question.ts';
import { showDecision } from './decide-approval.ts';

interface Input {
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

/** Ends a campaign: running jobs are cancelled and proven gone, the money held for them is given back. */
export async function stopCampaign({ ctx, input }: { ctx: Context; input: Input }): Promise<string> {
  const name = await ctx.chat.userName(input.user);
  const at = ctx.clock.now();
  const text = await change(ctx, input, 'campaign.stopped', async (tx, campaign) => {
    await moveCampaign(tx, campaign.id, campaign.state, 'stopped', { finishedAt: at, heldBecause: null });
    await withdrawOpen(tx, campaign, at);
    await closeBudgetQuestion(tx, campaign, 'Stopped.', at);
    return `Stopped by ${name}. Running work is being cancelled; what was measured so far stays.`;
  });
  await cancelLiveJobs(ctx, input.campaignId, `stopped by ${name}`);
  return text;
}

async function withdrawOpen(tx: DbOrTx, campaign: CampaignRow, at: Date): Promise<void> {
  for (const approval of await listApprovals(tx, campaign.id)) {
    if (await decideApprovalRow(tx, approval.id, 'withdrawn', 'system', at)) {
      await showDecision(tx, campaign, approval.id, at);
    }
  }
  for (const node of await listNodes(tx, campaign.id)) {
    if (node.state === 'planned' || node.state === 'awaiting_approval') {
      await moveNode(tx, node.id, node.state, 'withdrawn', { finishedAt: at });
    } else if (node.state === 'running') {
      await moveNode(tx, node.id, 'running', 'withdrawn', { finishedAt: at });
    }
  }
  for (const trial of await listTrials(tx, campaign.id)) {
    await moveTrial(tx, trial.id, ['planned', 'submitted', 'running'], 'withdrawn', { finishedAt: at });
  }
  for (const job of await listJobs(tx, campaign.id)) {
    if (job.state === 'intent') await withdrawIntent(tx, job, at);
  }
}

/** Cancels what runs on the cluster for a campaign that has ended. Its cost is settled when the jobs are harvested. */
async function cancelLiveJobs(ctx: Context, campaignId: string, because: string): Promise<void> {
  for (const job of await listJobs(ctx.db, campaignId)) {
    if (job.state !== 'live') continue;
    await cancelJob(ctx, job, because);
  }
}

async function change(
  ctx: Context,
  input: Input,
  name: string,
  act: (tx: DbOrTx, campaign: CampaignRow) => Promise<string>,
): Promise<string> {
  const at = ctx.clock.now();
  return ctx.db.transaction(async (tx) => {
    const campaign = await lockCampaign(tx, input.campaignId);
    const { source } = input;
    const earlier = source === undefined ? undefined : await findEventBySource(tx, campaign.id, source);
    if (earlier !== undefined) return String(earlier.text);
    if (isFinalCampaign(campaign.state))
      return `This campaign is ${campaign.state}; there is nothing to change.`;
    if (!isActiveCampaign(campaign.state)) return 'It has not started yet.';
    const text = await act(tx, campaign);
    await recordEvent(tx, {
      campaignId: campaign.id,
      name,
      actor: input.user,
      data: { text, ...(source === undefined ? {} : { source }) },
      at,
    });
    await showProgress(tx, campaign, at);
    return text;
  });
}
