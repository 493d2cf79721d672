import type { Ending, Exit } from './exit.ts';
import type { JobState, JobStatus } from './port.ts';

/** The record that was written when the job was submitted. */
export interface SubmittedJob {
  key: string;
  dir: string;
  /** ISO 8601. */
  submittedAt: string;
  limitSeconds: number;
  memoryBytes?: number;
}

/** The state that a run's end means, whose fault it is, and a sentence about it. */
export function endedStatus(job: SubmittedJob, exit: Exit): JobStatus {
  const reason = exit.detail ?? reasonOf(job, exit);
  const endedAt = new Date(exit.endedAt);
  const startedAt = exit.startedAt === null ? undefined : new Date(exit.startedAt);
  return {
    key: job.key,
    state: stateOf(exit),
    ...(reason !== undefined && { reason }),
    ...(exit.code !== null && { exitCode: exit.code }),
    ...(exit.signal !== null && { signal: exit.signal }),
    submittedAt: new Date(job.submittedAt),
    ...(startedAt && { startedAt }),
    endedAt,
    runSeconds: startedAt ? (exit.runSeconds ?? secondsBetween(startedAt, endedAt)) : 0,
  };
}

/**
 * An end without an exit.json, inferred from the evidence: never before its start.
 * @param stopped how the program ended, where its script could not know why
 * @param last the latest moment at which it is known to have run
 */
export function inferExit(
  seen: { stopped: Exit | null; claim: { startedAt: string } | null; last: Date },
  why: Ending,
  detail: string | undefined,
): Exit {
  const { stopped, claim, last } = seen;
  const startedAt = stopped?.startedAt ?? claim?.startedAt ?? null;
  const endedAt = new Date(Math.max(last.getTime(), startedAt === null ? 0 : Date.parse(startedAt)));
  return {
    why,
    code: stopped?.code ?? null,
    signal: stopped?.signal ?? null,
    startedAt,
    endedAt: stopped?.endedAt ?? endedAt.toISOString(),
    ...(stopped?.runSeconds !== undefined && { runSeconds: stopped.runSeconds }),
    ...(detail !== undefined && { detail }),
  };
}

/** @param started undefined while the start is being prepared, which already holds a slot */
export function runningStatus(
  job: SubmittedJob,
  started: { startedAt: string } | undefined,
  now: Date,
): JobStatus {
  const startedAt = started && new Date(started.startedAt);
  return {
    key: job.key,
    state: 'running',
    submittedAt: new Date(job.submittedAt),
    ...(startedAt && { startedAt }),
    runSeconds: startedAt ? secondsBetween(startedAt, now) : 0,
  };
}

export function queuedStatus(job: SubmittedJob): JobStatus {
  return { key: job.key, state: 'queued', submittedAt: new Date(job.submittedAt), runSeconds: 0 };
}

/** Order of submission; of two at the same moment the key decides. */
export function bySubmission(a: JobStatus, b: JobStatus): number {
  const time = ({ submittedAt }: JobStatus): number => submittedAt?.getTime() ?? 0;
  return time(a) - time(b) || (a.key < b.key ? -1 : 1);
}

/** The directory is missing, and with it every record of how the job ended. */
export function vanishedStatus(job: SubmittedJob): JobStatus {
  return { ...queuedStatus(job), state: 'lost', reason: `Its run directory ${job.dir} no longer exists.` };
}

function stateOf({ why, code }: Exit): JobState {
  switch (why) {
    case 'exit':
      return code === 0 ? 'succeeded' : 'failed';
    case 'signal':
    case 'start':
      return 'failed';
    case 'timeout':
    case 'out_of_memory':
    case 'cancelled':
    case 'lost':
      return why;
  }
}

function reasonOf(job: SubmittedJob, { why, code, signal, startedAt }: Exit): string | undefined {
  switch (why) {
    case 'exit':
      return code === 0 ? undefined : `It ended with exit code ${code}.`;
    case 'signal':
      return signal === 'SIGKILL'
        ? 'It was killed from outside (SIGKILL), which is also how a machine short of memory ends programs.'
        : `It was ended by ${signal}.`;
    case 'start':
      return 'It could not be started.';
    case 'timeout':
      return `It reached its time limit of ${job.limitSeconds} s and was stopped.`;
    case 'out_of_memory':
      return `It used more memory than its limit of ${job.memoryBytes} bytes and was stopped.`;
    case 'cancelled':
      return startedAt === null ? 'It was cancelled before it started.' : 'It was cancelled.';
    case 'lost':
      return 'The machine was shutting down and it was stopped.';
  }
}

/** Never negative: the wall clock may be set back while a job runs. */
function secondsBetween(start: Date, end: Date): number {
  return Math.max(0, (end.getTime() - start.getTime()) / 1000);
}
