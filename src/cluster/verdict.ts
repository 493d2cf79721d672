import type { Ending, Exit } from './exit.ts';
import { endedStatus, inferExit, type SubmittedJob } from './job-status.ts';
import type { JobStatus } from './port.ts';

/** The evidence that a poll found about a job, whatever the cluster. */
export interface JobEvidence<Claim> {
  job: SubmittedJob;
  /** The cluster answered a submit of ours; until then one is under way, or was interrupted. */
  isSubmitted: boolean;
  hasDir: boolean;
  isCancelled: boolean;
  claim: Claim | null;
  exit: Exit | null;
  /** How the job's script saw it end where it could not know why; the end is then written by the bot. */
  stopped: Exit | null;
  /** The last heartbeat of the job's script, at most 10 s old. */
  seenAt: Date | null;
}

/** The verdict of a poll: a state, or an end that has to be recorded before it becomes one. */
export type Verdict = { status: JobStatus } | { end: Exit; status: JobStatus };

/** Why a job without an exit.json ended, and a sentence about it. */
export interface Explained {
  why: Ending;
  detail?: string;
}

/** The verdict on a job that has ended without its exit.json. @param seen as for inferExit */
export function endedVerdict(
  job: SubmittedJob,
  seen: Parameters<typeof inferExit>[0],
  { why, detail }: Explained,
): Verdict {
  const end = inferExit(seen, why, detail);
  return { end, status: endedStatus(job, end) };
}
