import type { Failure } from '../../campaign/failure.ts';
import { failsAlike } from '../../campaign/failure.ts';
import { isFinalTrial } from '../../campaign/states.ts';
import type { DbOrTx } from '../../store/db.ts';
import { recordEvent } from '../../store/events.ts';
import { type JobRow, listJobsOfTrial } from '../../store/jobs.ts';
import { listTrialsOfNode, moveTrial, type TrialRow } from '../../store/trials.ts';
import { withdrawIntent } from '../launch/withdraw-intent.ts';

/** A first run this short is not waited for: waiting would cost more time than it could save. */
const shortSeconds = 30;

/**
 * The first of a node's runs goes alone, until its first metric has shown that machine, packages, memory and data are
 * as they should be, or until it has ended.
 */
export async function waitsForCanary(db: DbOrTx, job: JobRow, trial: TrialRow): Promise<boolean> {
  // Another attempt at a run has had its turn.
  if (job.kind !== 'run' || job.attempt > 1) return false;
  const canary = canaryOf(await roundOf(db, trial));
  if (canary === null || canary.id === trial.id || isFinalTrial(canary.state)) return false;
  if (canary.expectedSeconds < shortSeconds) return false;
  return (await listJobsOfTrial(db, canary.id)).every(({ pulse }) => pulse === null || pulse.first === null);
}

/**
 * After the first run of a node has failed in a way that its settings did not cause: runs not submitted yet would
 * fail alike, and are withdrawn with their reservations.
 */
export async function withdrawAlike(tx: DbOrTx, failed: TrialRow, failure: Failure, at: Date): Promise<void> {
  const round = await roundOf(tx, failed);
  if (canaryOf(round)?.id !== failed.id || failed.spec.training === null) return;
  for (const trial of round) {
    const { training } = trial.spec;
    if (trial.state !== 'submitted' || training === null) continue;
    if (!failsAlike(failure, failed.spec.training, training)) continue;
    const [job, ...more] = await listJobsOfTrial(tx, trial.id);
    if (job === undefined || more.length > 0 || !(await withdrawIntent(tx, job, at))) continue;
    await moveTrial(tx, trial.id, ['submitted'], 'withdrawn', { finishedAt: at });
    await recordEvent(tx, {
      campaignId: trial.campaignId,
      name: 'trial.withdrawn',
      actor: 'system',
      data: { job: job.key, because: failure.code },
      at,
    });
  }
}

const roundOf = async (db: DbOrTx, trial: TrialRow): Promise<TrialRow[]> =>
  trial.purpose === 'search'
    ? (await listTrialsOfNode(db, trial.nodeId)).filter(({ purpose }) => purpose === 'search')
    : [];

/** The first of several runs; null for a node of one. */
const canaryOf = (round: TrialRow[]): TrialRow | null => (round.length > 1 ? (round[0] ?? null) : null);
