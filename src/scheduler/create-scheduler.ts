import { type ScheduledTask, schedule } from 'node-cron';
import type { Context } from '../operations/context.ts';
import { createPace, deliverMessages } from '../operations/delivery/deliver-messages.ts';
import { postSummaries } from '../operations/delivery/post-summaries.ts';
import { harvestJobs } from '../operations/jobs/harvest-jobs.ts';
import { pollJobs } from '../operations/jobs/poll-jobs.ts';
import { reapJobs } from '../operations/jobs/reap-jobs.ts';
import { submitJobs } from '../operations/jobs/submit-jobs.ts';
import { tellWaits } from '../operations/jobs/tell-waits.ts';
import { watchJobs } from '../operations/jobs/watch-jobs.ts';
import { decideDiscards } from '../operations/weights/decide-discards.ts';
import { discardFiles } from '../operations/weights/discard-files.ts';
import { releaseLeases } from '../store/leases.ts';
import { createCampaignsLoop } from './campaigns-loop.ts';
import { createHealthLoop } from './health-loop.ts';
import { createLoop, type Loop } from './loop.ts';
import { createResearchLoop } from './research-loop.ts';
import { createShipmentsLoop } from './shipments-loop.ts';
import { withLease } from './with-lease.ts';

export interface SchedulerTimes {
  /** Between two polls of the cluster. Sites with a login node want 30 s or more; 0.3 s is fine locally. */
  pollMs: number;
  advanceMs: number;
  deliverMs: number;
  /** Between two decisions on which weights to keep. */
  weightsMs: number;
  /** Between two checks for parcels to ship. */
  shipMs: number;
  /** Between two checks of database, disk and cluster. */
  healthMs: number;
  /** A lease of an instance that died expires after this long. */
  leaseMs: number;
}

export interface Scheduler {
  loops: Loop[];
  start(): void;
  /** Ends all passes that are under way, in order. */
  stop(): Promise<void>;
}

/** Creates all loops. Each pass reads due work from the database; no loop keeps state that a restart would lose. */
export function createScheduler(
  ctx: Context,
  /** Name of this instance in leases; the same after a restart only where no second instance can be. */
  owner: string,
  times: SchedulerTimes,
  tidy: () => Promise<void>,
): Scheduler {
  const pace = createPace();
  const { clock, log } = ctx;
  const loops = [
    // Jobs (one instance): submit, reap, poll, watch, harvest. One batched cluster query a pass.
    createLoop({
      name: 'jobs',
      everyMs: times.pollMs,
      clock,
      log,
      pass: () =>
        withLease(ctx, { owner, name: 'jobs', leaseMs: times.leaseMs }, async (fenced) => {
          await submitJobs({ ctx: fenced });
          await reapJobs({ ctx: fenced });
          await pollJobs({ ctx: fenced });
          await watchJobs({ ctx: fenced });
          await harvestJobs({ ctx: fenced });
          await tellWaits({ ctx: fenced });
        }),
    }),
    createCampaignsLoop(ctx, owner, { everyMs: times.advanceMs, leaseMs: times.leaseMs }),
    ...(ctx.research === null
      ? []
      : [createResearchLoop(ctx, owner, { everyMs: 2000, leaseMs: times.leaseMs })]),
    // Large files of runs (one instance): decides which to remove, and has the cluster remove those of at most 100 runs.
    createLoop({
      name: 'weights',
      everyMs: times.weightsMs,
      clock,
      log,
      pass: () =>
        withLease(ctx, { owner, name: 'weights', leaseMs: times.leaseMs }, async (fenced) => {
          await decideDiscards({ ctx: fenced });
          await discardFiles({ ctx: fenced });
        }),
    }),
    ...(ctx.shipTargets.length === 0
      ? []
      : [createShipmentsLoop(ctx, owner, { everyMs: times.shipMs, leaseMs: times.leaseMs })]),
    // Messages (one instance, so that the pace of a channel is kept): at most eight a pass, one a channel.
    createLoop({
      name: 'messages',
      everyMs: times.deliverMs,
      clock,
      log,
      pass: () =>
        withLease(ctx, { owner, name: 'messages', leaseMs: times.leaseMs }, async (fenced) => {
          await deliverMessages({ ctx: fenced, pace });
        }),
    }),
    createHealthLoop(ctx, owner, { everyMs: times.healthMs, leaseMs: times.leaseMs }),
    createLoop({ name: 'tidy', everyMs: 3600_000, clock, log, pass: tidy }),
  ];
  let ticker: ScheduledTask | null = null;
  const summaries = createLoop({
    name: 'summaries',
    everyMs: 60_000,
    clock,
    log,
    pass: async () => {
      await postSummaries({ ctx });
    },
  });
  return {
    loops: [...loops, summaries],
    start: () => {
      for (const loop of loops) loop.start();
      // The schedule itself is rows in the database; cron only says that a minute has passed.
      ticker = schedule('* * * * *', () => summaries.runOnce(), {
        noOverlap: true,
        // The cron library would warn on the console; a late minute does not matter here.
        suppressMissedWarning: true,
      });
      void summaries.runOnce();
    },
    stop: async () => {
      await ticker?.destroy();
      for (const loop of loops) await loop.stop();
      // Released, so that other instances need not wait for the leases to expire.
      await releaseLeases(ctx.db, owner);
    },
  };
}
