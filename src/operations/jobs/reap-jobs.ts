import { isFinalCampaign } from '../../campaign/states.ts';
import { asError } from '../../lib/errors.ts';
import { getCampaign } from '../../store/campaigns.ts';
import { type JobRow, listDoubtfulJobs, listJobsInStates, updateJob } from '../../store/jobs.ts';
import { LeaseLost } from '../../store/leases.ts';
import type { Context } from '../context.ts';

const graceSeconds = 5;

/**
 * Ends jobs that are no longer wanted: jobs of a campaign that has ended, submitted by a worker that had not noticed
 * yet, and jobs that people ended, where the worker died before it told the cluster. Their slot is free once the
 * cluster has proven that nothing of them is left.
 */
export async function reapJobs({ ctx }: { ctx: Context }): Promise<number> {
  let reaped = 0;
  for (const job of await listJobsInStates(ctx.db, ['live'])) {
    const campaign = await getCampaign(ctx.db, job.campaignId);
    if (job.cancelBecause === null && !isFinalCampaign(campaign.state)) continue;
    await cancelJob(ctx, job, job.cancelBecause ?? `the campaign is ${campaign.state}`);
    reaped++;
  }
  // The last submission was answered with an error, and may have been accepted all the same.
  for (const job of await listDoubtfulJobs(ctx.db)) {
    if (await endJob(ctx, job.key)) await updateJob(ctx.db, job.key, { wait: null });
  }
  return reaped;
}

/** Ends a job that is no longer wanted. */
export async function cancelJob(ctx: Context, job: Pick<JobRow, 'key'>, because: string): Promise<void> {
  await updateJob(ctx.db, job.key, { cancelBecause: because });
  await endJob(ctx, job.key);
}

/**
 * Asks the cluster to end a job; the next poll records how it ended. A cluster that does not answer is asked again.
 * @returns false when it did not answer
 */
export async function endJob(ctx: Context, key: string): Promise<boolean> {
  try {
    await ctx.confirmLease();
    await ctx.cluster.cancel(key, graceSeconds);
    return true;
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    ctx.log.error({ err: asError(error), job: key }, 'job.cancel_failed');
    return false;
  }
}
