import { isWordDue, type JobWait } from '../../campaign/job-wait.ts';
import { isActiveCampaign } from '../../campaign/states.ts';
import { waitingText } from '../../report/sentences/waiting.ts';
import { type CampaignRow, lockCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { findJob, type JobRow, listWaitingJobs, updateJob } from '../../store/jobs.ts';
import { getNode } from '../../store/nodes.ts';
import { getTrial } from '../../store/trials.ts';
import type { Context } from '../context.ts';
import { isRequiredJob } from '../launch/required-jobs.ts';
import { say, showProgress } from '../say.ts';

type Waiting = JobRow & { wait: JobWait };

/**
 * Posts a message about runs that have waited for long, once a job, and only about the first of a node's jobs that
 * wait at the same time. The card loses its button when the wait is over.
 */
export async function tellWaits({ ctx }: { ctx: Context }): Promise<number> {
  const now = ctx.clock.now();
  const waiting = (await listWaitingJobs(ctx.db)).filter((job): job is Waiting => job.wait !== null);
  const nodes = new Map<string, Waiting[]>();
  for (const job of waiting) {
    const { nodeId, purpose } = await getTrial(ctx.db, job.trialId);
    const name = `${nodeId} ${purpose} ${job.kind}`;
    nodes.set(name, [...(nodes.get(name) ?? []), job]);
  }
  let told = 0;
  for (const jobs of nodes.values()) {
    if (jobs.some(({ wait }) => wait.isTold)) continue;
    const due = jobs.find(({ wait }) => isWordDue(wait, now));
    if (due !== undefined && (await tell(ctx, due.key, now))) told++;
  }
  return told;
}

async function tell(ctx: Context, key: string, at: Date): Promise<boolean> {
  return ctx.db.transaction(async (tx) => {
    // Read under the lock: it may have started, or its campaign ended.
    const seen = await findJob(tx, key);
    if (seen === undefined) return false;
    const campaign = await lockCampaign(tx, seen.campaignId);
    const job = await findJob(tx, key);
    if (job?.wait == null || job.wait.isTold || !isActiveCampaign(campaign.state)) return false;
    const trial = await getTrial(tx, job.trialId);
    const { number } = await getNode(tx, trial.nodeId);
    const text = waitingText({
      node: number,
      seconds: (at.getTime() - Date.parse(job.wait.since)) / 1000,
      why: job.reason ?? '',
      wait: job.wait,
      isRequired: isRequiredJob(job, trial),
    });
    await updateJob(tx, key, { wait: { ...job.wait, isTold: true } });
    await say(tx, campaign, {
      key: `waiting:${key}`,
      slot: waitingSlot(key),
      payload: {
        kind: 'waiting',
        campaignId: campaign.id,
        node: number,
        text,
        canWithdraw: !isRequiredJob(job, trial),
        closed: null,
      },
      at,
    });
    await showProgress(tx, campaign, at);
    return true;
  });
}

/** Closes the message about a wait, in the transaction of the change that ends the wait. */
export async function closeWait(
  tx: DbOrTx,
  campaign: CampaignRow,
  job: JobRow,
  closed: { text: string; at: Date },
): Promise<void> {
  if (job.wait?.isTold !== true) return;
  const { nodeId } = await getTrial(tx, job.trialId);
  const { number } = await getNode(tx, nodeId);
  await say(tx, campaign, {
    key: `waited:${job.key}`,
    slot: waitingSlot(job.key),
    payload: {
      kind: 'waiting',
      campaignId: campaign.id,
      node: number,
      text: `#${number} waited to run. ${job.reason ?? ''}`.trim(),
      canWithdraw: false,
      closed: closed.text,
    },
    at: closed.at,
  });
}

const waitingSlot = (key: string): string => `waiting:${key}`;
