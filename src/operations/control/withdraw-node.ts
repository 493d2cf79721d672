import { mayShape } from '../../campaign/approval-policy.ts';
import { isActiveCampaign, isFinalTrial, openTrialStates } from '../../campaign/states.ts';
import { type CampaignRow, getCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { type JobRow, listJobs, updateJob } from '../../store/jobs.ts';
import { listNodes } from '../../store/nodes.ts';
import { listTrials, moveTrial } from '../../store/trials.ts';
import type { Reply } from '../bot.ts';
import { type Change, changeCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { endJob } from '../jobs/reap-jobs.ts';
import { closeWait } from '../jobs/tell-waits.ts';
import { isRequiredJob } from '../launch/required-jobs.ts';
import { withdrawIntent } from '../launch/withdraw-intent.ts';
import { nameOf, notYoursText } from '../people.ts';
import { say, showProgress } from '../say.ts';

interface Input {
  campaignId: string;
  node: number;
  user: string;
}

/**
 * Withdraws a node whose runs all wait on the cluster: they never start, and their reservations are released. A node
 * with a running job goes on, since its money is being spent for an answer. As with steering, it is up to the
 * requester and the approvers.
 */
export async function withdrawNode({ ctx, input }: { ctx: Context; input: Input }): Promise<Reply> {
  const { createdBy } = await getCampaign(ctx.db, input.campaignId);
  if (!mayShape(ctx.settings, createdBy, input.user))
    return { private: await notYoursText(ctx, createdBy, 'withdraw a node') };
  const name = await nameOf(ctx, input.user);
  const done = await changeCampaign(ctx, input.campaignId, (change) => withdraw(change, input, name));
  if (typeof done === 'string') return { private: done };
  for (const key of done) await endJob(ctx, key);
  return { private: null };
}

/** @returns keys of the jobs to end on the cluster, or why nothing was done */
async function withdraw(change: Change, input: Input, name: string): Promise<string[] | string> {
  const { tx, campaign, at } = change;
  if (!isActiveCampaign(campaign.state))
    return `This campaign is ${campaign.state}; there is nothing to withdraw.`;
  const node = (await listNodes(tx, campaign.id)).find(({ number }) => number === input.node);
  if (node === undefined) return `There is no #${input.node} here.`;
  const trials = (await listTrials(tx, campaign.id)).filter(
    ({ nodeId, state }) => nodeId === node.id && !isFinalTrial(state),
  );
  const open = (await listJobs(tx, campaign.id)).flatMap((job) => {
    const trial = trials.find(({ id }) => id === job.trialId);
    return trial !== undefined && (job.state === 'intent' || job.state === 'live') ? [{ job, trial }] : [];
  });
  if (open.length === 0) return `Nothing of #${input.node} waits any more.`;
  if (open.some(({ job, trial }) => isRequiredJob(job, trial)))
    return `The campaign needs #${input.node}. \`stop\` ends the campaign.`;
  if (open.some(({ job }) => job.state === 'live' && job.wait === null))
    return `#${input.node} runs by now, so I let it go on.`;
  for (const { job, trial } of open) {
    await closeWait(tx, campaign, job, { text: `Withdrawn by ${name}.`, at });
    await giveUp(tx, job, `withdrawn by ${name}`, at);
    await moveTrial(tx, trial.id, openTrialStates, 'withdrawn', { finishedAt: at });
  }
  await recordChange(change, 'node.withdrawn', { node: input.node }, input.user);
  await sayWithdrawn(tx, campaign, input.node, { name, at });
  return open.filter(({ job }) => job.state === 'live').map(({ job }) => job.key);
}

async function giveUp(tx: DbOrTx, job: JobRow, because: string, at: Date): Promise<void> {
  if (await withdrawIntent(tx, job, at)) return;
  await updateJob(tx, job.key, { cancelBecause: because });
}

async function sayWithdrawn(
  tx: DbOrTx,
  campaign: CampaignRow,
  node: number,
  { name, at }: { name: string; at: Date },
): Promise<void> {
  const text = `#${node} is withdrawn, as ${name} wishes. Nothing was spent on it; the search goes on.`;
  await say(tx, campaign, { key: `withdrawn:${node}:${at.getTime()}`, payload: { kind: 'text', text }, at });
  await showProgress(tx, campaign, at);
}
