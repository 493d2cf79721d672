import { isFinalJobState } from '../../cluster/port.ts';
import { type JobRow, listJobsInStates, moveJob, updateJob } from '../../store/jobs.ts';
import { insertMetrics, updateTrial } from '../../store/trials.ts';
import type { Context } from '../context.ts';

const maxMetricBytes = 64 * 1024;

/** One batched look at all live jobs: their states, and what is new in their metrics. */
export async function pollJobs({ ctx }: { ctx: Context }): Promise<number> {
  const live = await listJobsInStates(ctx.db, ['live']);
  if (live.length === 0) return 0;
  const statuses = await ctx.cluster.poll(live.map((job) => job.key));
  let ended = 0;
  for (const job of live) {
    const status = statuses.get(job.key);
    if (status === undefined) continue;
    if (status.state === 'running' || isFinalJobState(status.state)) await readMetrics(ctx, job);
    const seen = {
      clusterState: status.state,
      reason: status.reason ?? null,
      exitCode: status.exitCode ?? null,
      runSeconds: status.runSeconds,
    };
    if (isFinalJobState(status.state)) {
      await moveJob(ctx.db, job.key, 'live', 'ended', { ...seen, endedAt: ctx.clock.now() });
      ended++;
    } else if (status.state === 'unknown') {
      // Handed over, and now the cluster has never heard of it: its records are gone, and the job with them.
      await moveJob(ctx.db, job.key, 'live', 'ended', {
        ...seen,
        clusterState: 'lost',
        endedAt: ctx.clock.now(),
      });
      ended++;
    } else if (status.state !== job.clusterState || status.runSeconds - job.runSeconds > 5) {
      await updateJob(ctx.db, job.key, seen);
    }
  }
  return ended;
}

async function readMetrics(ctx: Context, job: JobRow): Promise<void> {
  const slice = await ctx.cluster.read(job.key, ctx.engine.metricsFile, job.metricsOffset, maxMetricBytes);
  if (slice.nextOffset === job.metricsOffset) return;
  const points = slice.text.split('\n').flatMap((line) => {
    const point = line === '' ? null : ctx.engine.parseMetric(line);
    return point === null ? [] : [point];
  });
  if (job.kind === 'run') {
    await insertMetrics(
      ctx.db,
      points.map((point) => ({ trialId: job.trialId, attempt: job.attempt, ...point })),
    );
    const last = points.at(-1);
    if (last !== undefined && last.steps > 0) {
      await updateTrial(ctx.db, job.trialId, { progress: Math.min(1, last.step / last.steps) });
    }
  }
  await updateJob(ctx.db, job.key, { metricsOffset: slice.nextOffset });
}
