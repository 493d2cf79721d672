import { endedStatus, queuedStatus, runningStatus, vanishedStatus } from '../job-status.ts';
import { type Explained, endedVerdict, type Verdict } from '../verdict.ts';
import type { Evidence, SlurmRow } from './evidence.ts';
import { explainReason } from './waiting-reasons.ts';

const waitingStates = new Set([
  'PENDING',
  'REQUEUED',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'RESV_DEL_HOLD',
  'SPECIAL_EXIT',
]);
const finalStates = new Set([
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TIMEOUT',
  'DEADLINE',
  'OUT_OF_MEMORY',
  'NODE_FAIL',
  'BOOT_FAIL',
  'PREEMPTED',
  'REVOKED',
]);

/** True while Slurm still has a part of the job: running, waiting, or being cleaned up. */
export const isActive = ({ state }: SlurmRow): boolean => !finalStates.has(state);

/**
 * The state of a job. Its exit.json is the truth; without one Slurm's state decides, and the verdict is recorded, since
 * Slurm forgets after minutes.
 * @param isSettled true once the job has looked ended for long enough that an earlier file would be visible by now
 */
export function judge(evidence: Evidence, now: Date, isSettled: boolean): Verdict {
  const { job, claim, exit, stopped } = evidence;
  if (exit) return { status: endedStatus(job, exit) };
  if (!evidence.hasDir) return { status: vanishedStatus(job) };
  const row = rowOf(evidence);
  const current = claim ? runningStatus(job, claim, now) : queuedStatus(job);

  if (row && waitingStates.has(row.state)) {
    if (claim) return ended(evidence, now, row, { why: 'lost', detail: requeuedText });
    if (row.reason === 'launch failed requeued held') {
      return ended(evidence, now, row, {
        why: 'lost',
        detail: 'Slurm could not start it on its node, and holds it.',
      });
    }
    if (row.reason === null) return { status: current };
    const { text, needsPeople } = explainReason(row.reason);
    return { status: { ...current, reason: text, ...(needsPeople && { needsPeople }) } };
  }
  if (row && isActive(row)) return { status: runningStatus(job, claim ?? undefined, now) };
  if (!row && !claim && !evidence.isSubmitted) {
    return { status: { key: job.key, state: 'unknown', runSeconds: 0 } };
  }
  // The file system may show what a node wrote only after a while.
  if (!isSettled && !(stopped && row)) return { status: current };
  return ended(evidence, now, row, explainEnd(evidence, row));
}

const requeuedText = 'Slurm took it from its node and put it in the queue again.';

/** The row of the job that has the claim: numbers are reused, and of two jobs of one name only one runs. */
function rowOf({ rows, past, claim }: Evidence): SlurmRow | undefined {
  for (const list of [rows, past]) {
    const own = claim && claim.jobId !== '' ? list.filter(({ jobId }) => jobId === claim.jobId) : list;
    const row = own.findLast(isActive) ?? own.at(-1);
    if (row) return row;
  }
  return undefined;
}

function ended(
  { job, claim, stopped, seenAt }: Evidence,
  now: Date,
  row: SlurmRow | undefined,
  why: Explained,
): Verdict {
  const last = row && !isActive(row) ? (row.endedAt ?? seenAt) : (seenAt ?? row?.endedAt);
  return endedVerdict(job, { stopped, claim, last: last ?? now }, why);
}

function explainEnd({ stopped, claim, log, isCancelled }: Evidence, row: SlurmRow | undefined): Explained {
  const node = row?.node ? `The node ${row.node}` : 'Its node';
  const cancelled: Explained = isCancelled
    ? { why: 'cancelled' }
    : { why: 'cancelled', detail: 'It was cancelled in Slurm itself, not by the bot.' };
  const tooMuchMemory: Explained = {
    why: 'out_of_memory',
    detail: 'It used more memory than Slurm gave it and was stopped.',
  };
  const preempted: Explained = { why: 'lost', detail: 'Slurm gave its place to a job with more priority.' };
  switch (row?.state) {
    case 'CANCELLED':
      return cancelled;
    case 'TIMEOUT':
    case 'DEADLINE':
      return { why: 'timeout', detail: 'Slurm stopped it at its time limit.' };
    case 'OUT_OF_MEMORY':
      return tooMuchMemory;
    case 'NODE_FAIL':
    case 'BOOT_FAIL':
      return { why: 'lost', detail: `${node} failed.` };
    case 'PREEMPTED':
      return preempted;
  }
  // Without control groups Slurm kills the whole job and reports that only in its log.
  if (/exceeded memory limit|oom.kill/i.test(log)) return tooMuchMemory;
  if (/DUE TO TIME LIMIT/.test(log)) return { why: 'timeout', detail: 'Slurm stopped it at its time limit.' };
  if (/DUE TO NODE FAILURE/.test(log)) return { why: 'lost', detail: `${node} failed.` };
  if (/DUE TO PREEMPTION/.test(log)) return preempted;
  if (/\*\*\* JOB \d+ ON \S+ CANCELLED AT/.test(log)) return cancelled;
  if (stopped?.signal === 'SIGKILL') return { why: 'signal' };
  if (stopped) return { why: 'lost', detail: 'It was told to stop from outside (SIGTERM).' };
  if (!claim && /No space left on device/.test(log)) {
    return { why: 'lost', detail: 'It could not start: the disk of its run directory is full.' };
  }
  if (!row) return { why: 'lost', detail: 'Slurm no longer knows it, and it left no end.' };
  if (!claim)
    return { why: 'lost', detail: `Slurm could not start it${row.reason ? `: ${row.reason}` : ''}.` };
  return { why: 'lost', detail: 'Its batch script was killed before it could write down how the job ended.' };
}
