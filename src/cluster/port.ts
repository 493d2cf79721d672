import { TrexError } from '../lib/errors.ts';

export const jobStates = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'timeout',
  'out_of_memory',
  'cancelled',
  'lost',
  'unknown',
] as const;

/**
 * Where a job is. `lost` means that the cluster can no longer say how it went (its supervisor, node or machine
 * died); nothing of it runs any more. `unknown` means that the cluster has never heard of the key, or not yet.
 */
export type JobState = (typeof jobStates)[number];

/** True once the state can never change again and nothing of the job is left running. */
export function isFinalJobState(state: JobState): boolean {
  return !isWaitingJobState(state) && state !== 'running' && state !== 'unknown';
}

/** True while nothing of the job has begun. */
function isWaitingJobState(state: JobState): boolean {
  return state === 'queued';
}

export interface JobRequest {
  /** Our identity of the job and its name on any cluster, for ever: [a-z0-9-], 1 to 58 characters. */
  key: string;
  /** Absolute path of the run directory. It exists, holds the input files, and belongs to this key alone. */
  dir: string;
  /** Program and arguments; no shell is involved. Runs with `dir` as working directory. */
  argv: string[];
  /** The only variables the job gets besides PATH, HOME, LANG and TMPDIR. These win over those four. */
  env: Record<string, string>;
  /** Running time after which the job is stopped and becomes `timeout`; more than 0. Queue time is excluded. */
  limitSeconds: number;
  /** GPUs the job needs; unset is none. */
  gpus?: number;
  /** Resident memory of all its processes above which the job becomes `out_of_memory`; unset is no limit. */
  memoryBytes?: number;
}

export interface JobStatus {
  key: string;
  state: JobState;
  /** One sentence for people, where the state alone does not say it all. */
  reason?: string;
  /** It waits for something that does not end by itself. */
  needsPeople?: boolean;
  /** Set when the program ended by itself: 0 to 255. */
  exitCode?: number;
  /** Set when a signal ended the program: 'SIGKILL'. */
  signal?: string;
  submittedAt?: Date;
  startedAt?: Date;
  endedAt?: Date;
  /** Seconds the job occupied a slot so far; queue time is excluded. 0 for a job that never started. */
  runSeconds: number;
}

/** The cluster turns a job away until people have changed something there: a limit, a right, a login. Then it takes it. */
export class TurnedAwayError extends TrexError {
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(code, 'cluster', message, options);
  }
}

export interface FileSlice {
  /** Whole lines. Each ends in a newline, save the last line of a final job when the job left none there. */
  text: string;
  /** Where to read on, in bytes. Equals the offset asked for when there was nothing complete to read. */
  nextOffset: number;
  /** Bytes in the file now; 0 when it does not exist (yet). */
  size: number;
}

/** A file of a run, as it lies there at this moment. */
export interface FileFacts {
  /** Where it is, as for ssh and scp: `me@login.example.org`; null: on this machine. */
  host: string | null;
  /** Absolute, there. */
  path: string;
  bytes: number;
  /** Of what was just read, 64 lower-case hex digits. */
  sha256: string;
}

/**
 * A place that runs jobs. A job is known by our key, never by the cluster's own number. Every call may be
 * repeated after a crash.
 */
export interface Cluster {
  readonly name: string;
  /** Files of jobs lie elsewhere: to fetch or to hash large ones takes minutes. */
  readonly isRemote?: boolean;

  /**
   * Hands a job in, once per key for all time: a second submit, at the same moment or from a restarted bot,
   * adopts the first (`adopted`) and never starts a second run, not even of a job that failed. A retry is a
   * new key with a new directory.
   * @throws BadInputError for a malformed request; ConflictError when `dir` belongs to another key; TrexError with
   * fault `config` when no waiting makes this cluster take it, `cluster` for everything that may pass, unknown answers
   * among it; TurnedAwayError where people have to mend something first.
   */
  submit(request: JobRequest): Promise<{ clusterJobId: string; adopted: boolean }>;

  /** One batched look; the map has an entry for every key asked for. A key never heard of is `unknown`. */
  poll(keys: string[]): Promise<Map<string, JobStatus>>;

  /**
   * Complete lines of a file in the run directory, at most `maxBytes` of them, from a byte offset that is 0 or
   * an earlier `nextOffset`. A line longer than `maxBytes` is left out. A file that shrank below `offset` was
   * written anew and is read from 0. What a job wrote is untrusted text.
   * @param file a bare name, not a path; symbolic links are not followed
   * @throws NotFoundError for an unknown key; BadInputError for a name that is not bare.
   */
  read(key: string, file: string, offset: number, maxBytes: number): Promise<FileSlice>;

  /**
   * Asks every process of the job to stop (TERM), kills what is left after `graceSeconds`, and returns once it
   * is proven that nothing is left. A job already final keeps its state; an unknown key stays `unknown`.
   * @throws TrexError with fault `cluster` when the proof cannot be had.
   */
  cancel(key: string, graceSeconds: number): Promise<JobStatus>;

  /**
   * Where a file of the run directory lies and what is in it. Reads all of it, where it is, so large files take a while;
   * symbolic links are not followed.
   * @returns null when there is no such file
   * @throws NotFoundError for an unknown key; BadInputError for a name that is not bare.
   */
  inspect(key: string, file: string): Promise<FileFacts | null>;

  /**
   * Brings files of an ended job to its run directory on this machine, however large: each whole or not at all. What is
   * here stays as it is, and what the job did not leave is left out. Nothing to do where the cluster shares its files.
   * @throws NotFoundError for an unknown key; ConflictError for a job that has not ended; BadInputError for a name
   * that is not bare.
   */
  fetch(key: string, files: readonly string[]): Promise<void>;

  /**
   * Removes files and folders, by bare names, from the run directories of ended jobs, here and there, with all that is
   * in them; a link goes, what it leads to stays. What is missing is fine, an unknown key too. One call for many jobs.
   * @returns bytes that were freed, by key; a job that has not ended keeps everything and has no entry
   * @throws BadInputError for a name that is not bare, or is the cluster's own
   */
  discard(wanted: ReadonlyMap<string, readonly string[]>): Promise<Map<string, number>>;

  /** Every job this cluster still knows, in order of submission. */
  list(): Promise<JobStatus[]>;

  /** Jobs that can run at once, and how many more would start now instead of waiting. */
  slots(): Promise<{ total: number; free: number }>;
}
