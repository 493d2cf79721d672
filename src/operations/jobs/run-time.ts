import { implausibleText } from '../../report/sentences/failure.ts';
import type { JobRow } from '../../store/jobs.ts';
import { getNode } from '../../store/nodes.ts';
import type { Change } from '../change-campaign.ts';
import { say } from '../say.ts';
import type { EndedJob } from './repeat-run.ts';

/**
 * Slack for a supervisor's grace on a slow machine. Every cluster stops a run at its limit, so a longer time than
 * that was measured by a clock that somebody has set.
 */
const stopSlackSeconds = 180;
export const isPlausible = ({
  runSeconds,
  limitSeconds,
}: Pick<JobRow, 'runSeconds' | 'limitSeconds'>): boolean => runSeconds <= limitSeconds + stopSlackSeconds;

/** Seconds to pay: an implausible time is paid with the reservation, and said. */
export const secondsToPay = (job: Pick<JobRow, 'runSeconds' | 'limitSeconds'>): number =>
  isPlausible(job) ? job.runSeconds : job.limitSeconds;

export async function sayImplausible(
  { ctx, tx, campaign, at }: Change,
  { trial, job }: EndedJob,
): Promise<void> {
  if (isPlausible(job)) return;
  const { number } = await getNode(tx, trial.nodeId);
  ctx.log.warn({ job: job.key, seconds: job.runSeconds, limit: job.limitSeconds }, 'job.time_implausible');
  const text = implausibleText(number, job.runSeconds, job.limitSeconds);
  await say(tx, campaign, { key: `implausible:${job.key}`, payload: { kind: 'problem', text }, at });
}
