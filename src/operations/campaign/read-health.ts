import { listCampaignsInStates } from '../../store/campaigns.ts';
import { listJobsInStates } from '../../store/jobs.ts';
import { countOutbox } from '../../store/outbox.ts';
import type { Context } from '../context.ts';

/** A few counts that answer from the database, so that they also prove that it answers. */
export async function readHealth({ ctx }: { ctx: Context }): Promise<{
  activeCampaigns: number;
  liveJobs: number;
  outboxPending: number;
  outboxParked: number;
}> {
  const [campaigns, jobs, outbox] = await Promise.all([
    listCampaignsInStates(ctx.db, ['searching', 'confirming']),
    listJobsInStates(ctx.db, ['live']),
    countOutbox(ctx.db),
  ]);
  return {
    activeCampaigns: campaigns.length,
    liveJobs: jobs.length,
    outboxPending: outbox.pending,
    outboxParked: outbox.parked,
  };
}
