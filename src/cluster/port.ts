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
 * State of a job. `lost` means that the cluster can no longer say how it ended (its supervisor, node or machine died);
 * nothing of it runs any more. `unknown` means that the cluster has never seen the key, or not yet.
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
  /** The job waits for something that does not end by itself. */
  needsPeople?: boolean;
  /** Set when the program ended by itself: 0 to 255. */
  exitCode?: number;
  /** Set when a signal ended the program: 'SIGKILL'. */
  signal?: string;
  submittedAt?: Date;
  startedAt?: Date;
  endedAt?: Date;
  /** Seconds for which the job has occupied a slot; queue time is excluded. 0 for a job that never started. */
  runSeconds: number;
}

/**
 * The cluster refuses a job until people have changed something there: a limit, a right, a login. Then it accepts it.
 */
export class TurnedAwayError extends TrexError {
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(code, 'cluster', message, options);
  }
}

export interface FileSlice {
  /** Whole lines. Each ends in a newline, save the last line of a final job when the job left none there. */
  text: string;
  /** Offset of the next read, in bytes. Equals the requested offset when there was nothing complete to read. */
  nextOffset: number;
  /** Bytes in the file now; 0 when it does not exist (yet). */
  size: number;
}

/** A file of a run, as it is there at this moment. */
export interface FileFacts {
  /** Its host, as for ssh and scp: `me@login.example.org`; null: this machine. */
  host: string | null;
  /** Absolute, on that host. */
  path: string;
  bytes: number;
  /** Hash of the bytes just read, 64 lower-case hex digits. */
  sha256: string;
}

/**
 * A system that runs jobs. A job is known by our key, never by the cluster's own number. Every call may be repeated
 * after a crash.
 */
export interface Cluster {
  readonly name: string;
  /** Files of jobs are on another machine: fetching or hashing large ones takes minutes. */
  readonly isRemote?: boolean;

  /**
   * Submits a job, once per key for all time: a second submit, at the same moment or from a restarted bot, adopts the
   * first (`adopted`) and never starts a second run, not even of a job that failed. A retry is a new key with a new
   * directory.
   * @throws BadInputError for a malformed request; ConflictError when `dir` belongs to another key; TrexError with
   * fault `config` for a permanent refusal, `cluster` for every failure that may pass, unknown answers among it;
   * TurnedAwayError where people have to change something first.
   */
  submit(request: JobRequest): Promise<{ clusterJobId: string; adopted: boolean }>;

  /** One batched poll; the map has an entry for every requested key. A key never submitted is `unknown`. */
  poll(keys: string[]): Promise<Map<string, JobStatus>>;

  /**
   * Complete lines of a file in the run directory, at most `maxBytes` of them, from a byte offset that is 0 or an
   * earlier `nextOffset`. A line longer than `maxBytes` is left out. A file that shrank below `offset` was rewritten
   * and is read from 0. Text that a job wrote is untrusted.
   * @param file a bare name, not a path; symbolic links are not followed
   * @throws NotFoundError for an unknown key; BadInputError for a name that is not bare.
   */
  read(key: string, file: string, offset: number, maxBytes: number): Promise<FileSlice>;

  /**
   * Asks every process of the job to stop (TERM), kills the remaining ones after `graceSeconds`, and returns once it is
   * proven that none is left. A job already final keeps its state; an unknown key stays `unknown`.
   * @throws TrexError with fault `cluster` when the proof is not available.
   */
  cancel(key: string, graceSeconds: number): Promise<JobStatus>;

  /**
   * Location, size and hash of a file of the run directory. Reads all of it, on the machine where it is, so large files
   * take a while; symbolic links are not followed.
   * @returns null when there is no such file
   * @throws NotFoundError for an unknown key; BadInputError for a name that is not bare.
   */
  inspect(key: string, file: string): Promise<FileFacts | null>;

  /**
   * Copies files of an ended job to its run directory on this machine, however large: each whole or not at all. Files
   * already here stay unchanged, and files that the job did not write are left out. Does nothing where the cluster
   * shares its files.
   * @throws NotFoundError for an unknown key; ConflictError for a job that has not ended; BadInputError for a name that
   * is not bare.
   */
  fetch(key: string, files: readonly string[]): Promise<void>;

  /**
   * Removes files and folders with all their contents, by bare names, from the run directories of ended jobs, here and
   * on the cluster; a link is removed, its target stays. Missing names are not an error, nor is an unknown key. One
   * call for many jobs.
   * @returns freed bytes by key; a job that has not ended keeps everything and has no entry
   * @throws BadInputError for a name that is not bare, or is the cluster's own
   */
  discard(wanted: ReadonlyMap<string, readonly string[]>): Promise<Map<string, number>>;

  /** Every job this cluster still knows, in order of submission. */
  list(): Promise<JobStatus[]>;

  /** Number of jobs that can run at once, and of additional ones that would start now instead of waiting. */
  slots(): Promise<{ total: number; free: number }>;
}
