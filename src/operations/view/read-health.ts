import { listCampaignsInStates } from '../../store/campaigns.ts';
import { countInbox } from '../../store/inbox.ts';
import { listJobsInStates } from '../../store/jobs.ts';
import { countOutbox } from '../../store/outbox.ts';
import type { Context } from '../context.ts';

/** A few counts that answer from the database, so that they also prove that it answers. */
export async function readHealth({ ctx }: { ctx: Context }): Promise<{
  activeCampaigns: number;
  liveJobs: number;
  inboxPending: number;
  /** Events given up after repeated failures. */
  inboxDead: number;
  outboxPending: number;
  outboxParked: number;
}> {
  const [campaigns, jobs, inbox, outbox] = await Promise.all([
    listCampaignsInStates(ctx.db, ['searching', 'confirming']),
    listJobsInStates(ctx.db, ['live']),
    countInbox(ctx.db),
    countOutbox(ctx.db),
  ]);
  return {
    activeCampaigns: campaigns.length,
    liveJobs: jobs.length,
    inboxPending: inbox.pending,
    inboxDead: inbox.dead,
    outboxPending: outbox.pending,
    outboxParked: outbox.parked,
  };
}
