import type { Ending, Exit } from './exit.ts';
import { endedStatus, inferExit, type SubmittedJob } from './job-status.ts';
import type { JobStatus } from './port.ts';

/** What a poll found out about a job, whatever the cluster. */
export interface JobEvidence<Claim> {
  job: SubmittedJob;
  /** The cluster answered a submit of ours; until then one is under way, or was cut short. */
  isSubmitted: boolean;
  hasDir: boolean;
  isCancelled: boolean;
  claim: Claim | null;
  exit: Exit | null;
  /** How the job's script saw it end where it could not know why; the end is then written by the bot. */
  stopped: Exit | null;
  /** The last sign of life of the job's script, within 10 s. */
  seenAt: Date | null;
}

/** What a poll means: a state, or an end that has to be written down before it is one. */
export type Verdict = { status: JobStatus } | { end: Exit; status: JobStatus };

/** Why a job ended that wrote no exit.json, and what to say of it. */
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
