import type { JobWait } from '../../campaign/job-wait.ts';
import { isFinalJobState, type JobStatus } from '../../cluster/port.ts';
import type { MetricPoint } from '../../executor/engine.ts';
import { foldMetrics } from '../../executor/watch-run.ts';
import { type JobRow, listJobsInStates, moveJob, updateJob } from '../../store/jobs.ts';
import { getTrial, insertMetrics, updateTrial } from '../../store/trials.ts';
import { changeCampaign } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { noteCluster } from '../health/check-health.ts';
import { showProgress } from '../say.ts';
import { closeWait } from './tell-waits.ts';

const maxMetricBytes = 64 * 1024;
/** At most this many bytes of one job's metrics are read in a poll; after a long pause there is more than that. */
const slicesPerLook = 32;

/** Polls all live jobs at once: their states, and new lines of their metrics. */
export async function pollJobs({ ctx }: { ctx: Context }): Promise<number> {
  const live = await listJobsInStates(ctx.db, ['live']);
  if (live.length === 0) return 0;
  const statuses = await noteCluster(ctx, () => ctx.cluster.poll(live.map((job) => job.key)));
  let ended = 0;
  for (const job of live) {
    const status = statuses.get(job.key);
    if (status === undefined) continue;
    const isSilent = status.state !== 'running' && !isFinalJobState(status.state);
    const news = isSilent || job.kind === 'test' ? null : await readMetrics(ctx, job, status);
    const seen = {
      ...news,
      clusterState: status.state,
      wait: waitOf(job, status),
      reason: status.reason ?? null,
      exitCode: status.exitCode ?? null,
      runSeconds: status.runSeconds,
    };
    if (isFinalJobState(status.state)) {
      await moveJob(ctx.db, job.key, 'live', 'ended', { ...seen, endedAt: ctx.clock.now() });
      await endWait(ctx, job, 'It has ended.');
      ended++;
    } else if (status.state === 'unknown') {
      // Submitted, and unknown to the cluster now: its records are gone, and the job with them.
      await moveJob(ctx.db, job.key, 'live', 'ended', {
        ...seen,
        clusterState: 'lost',
        endedAt: ctx.clock.now(),
      });
      ended++;
    } else if (news !== null || hasChanged(job, status) || hasAged(job, status)) {
      await updateJob(ctx.db, job.key, seen);
      if (status.state === 'running') await endWait(ctx, job, 'It runs now.');
    }
  }
  return ended;
}

/** Since when it is in the cluster's queue; null while it runs. */
function waitOf(
  { wait, submittedAt, createdAt }: JobRow,
  { state, needsPeople = false }: JobStatus,
): JobWait | null {
  if (state !== 'queued') return null;
  const since = wait?.since ?? (submittedAt ?? createdAt).toISOString();
  return { since, needsPeople, offers: null, isTold: wait?.isTold ?? false };
}

/** The thread says that it waits, and is to say that the wait is over. */
async function endWait(ctx: Context, job: JobRow, text: string): Promise<void> {
  if (job.wait?.isTold !== true) return;
  await changeCampaign(ctx, job.campaignId, async ({ tx, campaign, at }) => {
    await closeWait(tx, campaign, job, { text, at });
    await showProgress(tx, campaign, at);
  });
}

const hasChanged = (job: JobRow, { state, reason }: JobStatus): boolean =>
  state !== job.clusterState || (reason ?? null) !== job.reason;

/** At most one row is written per this time, not one for every second that a job runs. */
const hasAged = (job: JobRow, status: JobStatus): boolean => status.runSeconds - job.runSeconds > 5;

/** The columns of a running job that a poll changes; null when there is none. */
async function readMetrics(
  ctx: Context,
  job: JobRow,
  status: JobStatus,
): Promise<Pick<JobRow, 'metricsOffset' | 'pulse'> | null> {
  const { points, offset, isBehind } = await readPoints(ctx, job);
  if (offset === job.metricsOffset && !hasAged(job, status)) return null;
  const { progress: before, spec } = await getTrial(ctx.db, job.trialId);
  const last = points.at(-1);
  if (last !== undefined && last.steps > 0) {
    const progress = Math.min(1, last.step / last.steps);
    await updateTrial(ctx.db, job.trialId, { progress });
    if (status.runSeconds >= longRunSeconds && tenths(progress) > tenths(before ?? 0))
      await showTenth(ctx, job);
  }
  const { training } = spec;
  const look = { runSeconds: status.runSeconds, lastRunSeconds: job.runSeconds, points, isBehind };
  return { metricsOffset: offset, pulse: training === null ? null : foldMetrics(job.pulse, look, training) };
}

/** A run of seconds shows its end only. */
const longRunSeconds = 60;
const tenths = (progress: number): number => Math.floor(10 * progress);

/** A run of hours shows its progress in the thread, at most ten times. */
async function showTenth(ctx: Context, job: JobRow): Promise<void> {
  await changeCampaign(ctx, job.campaignId, ({ tx, campaign, at }) => showProgress(tx, campaign, at));
}

/** Keeps new lines as the curve of the run. Lines read twice, after a crash in between, are kept once. */
async function readPoints(
  ctx: Context,
  job: JobRow,
): Promise<{ points: MetricPoint[]; offset: number; isBehind: boolean }> {
  const all: MetricPoint[] = [];
  let offset = job.metricsOffset;
  for (let slices = 0; slices < slicesPerLook; slices++) {
    const slice = await ctx.cluster.read(job.key, ctx.engine.metricsFile, offset, maxMetricBytes);
    const points = slice.text.split('\n').flatMap((line) => {
      const point = line === '' ? null : ctx.engine.parseMetric(line);
      return point === null ? [] : [point];
    });
    await insertMetrics(
      ctx.db,
      points.map(({ seq, step, steps, values }) => ({
        trialId: job.trialId,
        attempt: job.attempt,
        seq,
        step,
        steps,
        values,
      })),
    );
    all.push(...points);
    const isThrough = slice.nextOffset === offset || slice.size - slice.nextOffset < maxMetricBytes;
    offset = slice.nextOffset;
    if (isThrough) return { points: all, offset, isBehind: false };
  }
  return { points: all, offset, isBehind: true };
}
