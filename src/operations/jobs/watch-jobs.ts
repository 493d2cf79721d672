import type { StopReason } from '../../campaign/run-watch.ts';
import { judgeRun, watchLimits } from '../../executor/watch-run.ts';
import { stopFault, stopText } from '../../report/sentences/failure.ts';
import { recordEvent } from '../../store/events.ts';
import { type JobRow, listLiveRuns, recordStop } from '../../store/jobs.ts';
import type { Context } from '../context.ts';
import { judgeAtRung } from './judge-at-rung.ts';
import { endJob } from './reap-jobs.ts';

/**
 * Stops runs that are not worth their money any more. The reason is recorded before the cluster is asked, so that a
 * worker that takes over after a crash stops the same run for the same reason, and its end is reported correctly. A
 * run that ends by itself in that moment keeps its result. The decision uses what the last poll stored.
 */
export async function watchJobs({
  ctx,
  limits = watchLimits,
}: {
  ctx: Context;
  limits?: typeof watchLimits;
}): Promise<number> {
  let ended = 0;
  for (const { job, trial } of await listLiveRuns(ctx.db)) {
    if (job.stop === null) {
      if (job.clusterState !== 'running') continue;
      const reason = judgeRun(job, limits) ?? (await judgeAtRung(ctx, job, trial, limits));
      if (reason === null || !(await decide(ctx, job, reason))) continue;
    }
    await endJob(ctx, job.key);
    ended++;
  }
  return ended;
}

async function decide(ctx: Context, job: JobRow, reason: StopReason): Promise<boolean> {
  const stop = { code: reason.code, fault: stopFault(reason), message: stopText(reason) };
  ctx.log.warn({ job: job.key, ...reason }, 'job.stopped');
  return ctx.db.transaction(async (tx) => {
    if (!(await recordStop(tx, job.key, stop))) return false;
    await recordEvent(tx, {
      campaignId: job.campaignId,
      name: 'job.stopped',
      actor: 'system',
      data: { job: job.key, ...reason },
      at: ctx.clock.now(),
    });
    return true;
  });
}
