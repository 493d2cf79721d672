import type { StopReason } from '../../campaign/run-watch.ts';
import { isFinalTrial } from '../../campaign/states.ts';
import { projectedEnd, type WatchLimits } from '../../executor/watch-run.ts';
import { isLeftBehind, likeness, rungReached } from '../../search/rungs.ts';
import { type JobRow, listJobs, updateJob } from '../../store/jobs.ts';
import { listTrials, lossesAtShare, type TrialRow } from '../../store/trials.ts';
import type { Context } from '../context.ts';

/**
 * Compares a run with comparable ones when it reaches a rung, once for each rung. Never the last of its node that can
 * still give a score, never a repeat of a finalist, and never one so close to its end that stopping saves nothing.
 */
export async function judgeAtRung(
  ctx: Context,
  job: JobRow,
  trial: TrialRow,
  limits: WatchLimits,
): Promise<StopReason | null> {
  const { pulse } = job;
  const key = likeness(trial.spec);
  if (pulse === null || pulse.isBehind || key === null || trial.purpose !== 'search') return null;
  const rung = rungReached(pulse.step / Math.max(1, pulse.steps), pulse.judgedShare);
  if (rung === null) return null;
  await updateJob(ctx.db, job.key, { pulse: { ...pulse, judgedShare: rung } });
  const end = projectedEnd(pulse, limits);
  if (end === null || end - pulse.newsSeconds < limits.minSavedSeconds) return null;

  const trials = (await listTrials(ctx.db, trial.campaignId)).filter((t) => t.id !== trial.id);
  const stopped = await stoppedTrials(ctx, trial.campaignId);
  const round = trials.filter((t) => t.nodeId === trial.nodeId && t.purpose === 'search');
  if (!round.some((t) => t.state === 'scored' || (!isFinalTrial(t.state) && !stopped.has(t.id)))) return null;

  const others = trials
    .filter((t) => t.purpose !== 'probe' && likeness(t.spec) === key && !hasRunAway(t))
    .map((t) => t.id);
  const [here, before] = await Promise.all([
    lossesAtShare(ctx.db, [trial.id, ...others], rung),
    lossesAtShare(ctx.db, [trial.id], rung / 2),
  ]);
  const [own, earlier] = [here.get(trial.id), before.get(trial.id)];
  if (own === undefined || earlier === undefined) return null;
  const losses = others.flatMap((id) => here.get(id) ?? []);
  const median = isLeftBehind(own, earlier, losses);
  return median === null ? null : { code: 'pruned', share: rung, loss: own, median, others: losses.length };
}

/** True for a trial whose losses others are not compared with. */
const hasRunAway = ({ failure }: TrialRow): boolean =>
  failure !== null && (failure.code === 'diverged' || failure.code === 'nan');

async function stoppedTrials(ctx: Context, campaignId: string): Promise<Set<number>> {
  const jobs = await listJobs(ctx.db, campaignId);
  return new Set(jobs.filter((job) => job.state === 'live' && job.stop !== null).map((job) => job.trialId));
}
