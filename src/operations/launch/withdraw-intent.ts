import { noCost } from '../../campaign/cost.ts';
import type { DbOrTx } from '../../store/db.ts';
import { type JobRow, moveJob } from '../../store/jobs.ts';
import { settle } from '../../store/ledger.ts';

/**
 * Withdraws a job that was never submitted: it costs nothing and never starts. @returns false when it was submitted
 * already
 */
export async function withdrawIntent(tx: DbOrTx, job: JobRow, at: Date): Promise<boolean> {
  if (!(await moveJob(tx, job.key, 'intent', 'harvested', { endedAt: at }))) return false;
  await settle(tx, job.key, noCost, at);
  return true;
}
