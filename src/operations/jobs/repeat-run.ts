import { ceilingScale, costOf } from '../../campaign/cost.ts';
import type { Failure } from '../../campaign/failure.ts';
import { priceOf } from '../../campaign/price.ts';
import { isActiveCampaign, isFinalTrial } from '../../campaign/states.ts';
import type { DbOrTx } from '../../store/db.ts';
import type { JobRow } from '../../store/jobs.ts';
import { budgetLeft, costByTrial, ledgerTotals } from '../../store/ledger.ts';
import { getNode } from '../../store/nodes.ts';
import { getTrial, type TrialRow } from '../../store/trials.ts';
import { type ActiveChange, recordChange } from '../change-campaign.ts';
import { launchJob } from '../launch/launch-node.ts';
import { isRequiredJob, maxAttempts } from '../launch/required-jobs.ts';

/** A job that has ended, and the trial that it belongs to. */
export interface EndedJob {
  trial: TrialRow;
  job: JobRow;
}

/** Failures that say nothing about the run itself. */
const saysNothing = ({ code, fault }: Failure): boolean =>
  code === 'over_ceiling' ||
  code === 'lost' ||
  code === 'stalled' ||
  (fault === 'cluster' && isOutside(code));

/** The machine ended the job, or never started it; a crash may be the machine's fault too. */
const isOutside = (code: string): boolean =>
  code === 'killed' || code === 'not_started' || code === 'crashed' || code === 'disk_full';

/** Attempts at a training run in all, by the failure: one that happens twice is caused by the run or its settings. */
function attemptsAfter({ code, fault }: Failure): number {
  // The next attempt waits until there is room.
  if (code === 'lost' || code === 'disk_full') return maxAttempts;
  if (code === 'stalled') return 2;
  return fault === 'cluster' && (code === 'killed' || code === 'not_started') ? 2 : 0;
}

/**
 * Runs a job again under a new key when the cluster lost it; once when it stalled there, was killed from outside or
 * never started, as far as its ceiling has room for another attempt. The baseline and the test answers also survive
 * being stopped for slowness: without them there is no campaign, so they are left open for the next pass of the
 * campaign, which asks for budget where it is short.
 */
export async function repeatRun(
  change: ActiveChange,
  { trial, job }: EndedJob,
  failure: Failure,
): Promise<boolean> {
  const { ctx, tx, campaign } = change;
  if (job.cancelBecause !== null || !isActiveCampaign(campaign.state)) return false;
  if (job.attempt >= maxAttempts) return false;
  // A person may have withdrawn it meanwhile.
  if (job.kind === 'run' && isFinalTrial((await getTrial(tx, trial.id)).state)) return false;
  if (isRequiredJob(job, trial)) return saysNothing(failure);
  if (job.attempt >= attemptsAfter(failure)) return false;
  const seconds = Math.min(job.limitSeconds, await leftOfCeiling(tx, trial));
  // A repeat that would be stopped before its end is not worth its money.
  if (seconds < trial.expectedSeconds) return false;
  const ceiling = costOf(seconds, priceOf(ctx.settings, campaign));
  const left = budgetLeft(campaign.brief.budget, await ledgerTotals(tx, campaign.id));
  if (ceilingScale(ceiling, ceiling, left) !== 1) return false;
  const { number } = await getNode(tx, trial.nodeId);
  await launchJob(change, {
    node: number,
    trial,
    kind: job.kind,
    attempt: job.attempt + 1,
    ceilingSeconds: seconds,
  });
  await recordChange(change, 'job.repeated', { job: job.key, because: failure.code });
  return true;
}

/** The rest of a trial's ceiling: all attempts together stay below what was priced, and perhaps approved, for it. */
async function leftOfCeiling(tx: DbOrTx, trial: TrialRow): Promise<number> {
  const spent = (await costByTrial(tx, trial.campaignId)).get(trial.id)?.computeSeconds ?? 0;
  return Math.max(0, trial.ceilingSeconds - spent);
}
