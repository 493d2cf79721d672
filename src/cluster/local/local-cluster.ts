import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../../lib/clock.ts';
import { ConflictError, NotFoundError, TrexError } from '../../lib/errors.ts';
import { canonicalJson } from '../../lib/hash.ts';
import { hashFile } from '../../lib/hash-file.ts';
import type { Log } from '../../lib/log.ts';
import {
  assertDiscardable,
  assertFileName,
  assertJobRequest,
  assertReadRange,
  isJobKey,
} from '../job-request.ts';
import { bySubmission, endedStatus, queuedStatus, runningStatus, vanishedStatus } from '../job-status.ts';
import { type Cluster, isFinalJobState, type JobRequest, type JobStatus } from '../port.ts';
import { readLines } from '../read-lines.ts';
import { removeFiles } from '../remove-files.ts';
import { isOver, jobsToStart } from './dispatch.ts';
import { isAlive, ownIdentity } from './processes.ts';
import { runClock } from './run-clock.ts';
import type { RunDir } from './run-dir.ts';
import { startSupervisor } from './start-supervisor.ts';
import { type JobRecord, openStore } from './store.ts';

export interface LocalClusterOptions {
  /** Absolute path of a directory for this cluster alone, on a local disk; made when missing. */
  stateDir: string;
  /** Maximum number of concurrent jobs, 1 or more. Counted over every bot that uses this state directory. */
  slots: number;
  /** GPUs of this machine; unset is 0. Jobs that need any get all of them, one job after the other. */
  gpus?: number;
  /** Seconds between TERM and KILL at a job's time limit; unset is 10. */
  graceSeconds?: number;
  log: Log;
  clock: Clock;
}

const headStartMs = 300;
const cancelTickMs = 25;
/** Time for a supervisor to end after its grace before it is killed too, and then before the cancel gives up. */
const supervisorPatienceMs = 15_000;

/**
 * Jobs as processes of this machine, each watched by a supervisor that survives the end of the bot. Needs /bin/sh and a
 * file system with hard links; Linux and macOS.
 */
export function createLocalCluster(options: LocalClusterOptions): Cluster {
  const { stateDir, slots, gpus = 0, graceSeconds = 10, log, clock } = options;
  if (!(Number.isInteger(slots) && slots > 0))
    throw new RangeError(`slots: ${slots} is not a positive integer`);
  const store = openStore(stateDir);
  store.setLimits({ slots, gpus });
  const me = ownIdentity();
  const starting = new Map<string, ChildProcess>();
  const readySince = new Map<string, number>();
  const finals = new Map<string, JobStatus>();

  /**
   * Starts a supervisor for each job whose turn it is. A supervisor whose job has ended takes the next job within
   * milliseconds, so jobs other than `submitted` get one only after they have been ready for a while.
   */
  const dispatch = (submitted?: string): void => {
    const jobs = jobsToStart(store);
    const now = clock.now().getTime();
    for (const key of readySince.keys()) if (!jobs.some((job) => job.key === key)) readySince.delete(key);
    for (const { key } of jobs) {
      const since = readySince.get(key) ?? now;
      readySince.set(key, since);
      if (starting.has(key) || (key !== submitted && now - since < headStartMs)) continue;
      const supervisor = startSupervisor(store, key);
      starting.set(key, supervisor);
      const forget = (problem: unknown): void => {
        starting.delete(key);
        if (problem) log.warn({ key, problem, see: store.supervisorLog }, 'supervisor.failed');
      };
      supervisor.on('exit', (code, signal) => forget(code === 0 ? undefined : (signal ?? code)));
      supervisor.on('error', forget);
    }
  };

  const look = (key: string): JobStatus => {
    const known = finals.get(key);
    if (known) return known;
    const job = isJobKey(key) ? store.findJob(key) : undefined;
    if (!job) return { key, state: 'unknown', runSeconds: 0 };
    const run = store.runDirOf(job);
    if (!run.exists()) return vanishedStatus(job);
    if (isOver(run)) {
      const exit = run.findExit();
      if (!exit) return running(job, run);
      const status = endedStatus(job, exit);
      finals.set(key, status);
      return status;
    }
    return run.findClaim() ? running(job, run) : queuedStatus(job);
  };

  /** A bot that was killed in the middle of a submit leaves a job without a ticket. */
  const ensureTickets = (keys: string[]): void => {
    const waiting = keys.filter((key) => look(key).state === 'queued');
    if (waiting.length === 0) return;
    const queued = new Set(store.queue().map(({ key }) => key));
    for (const key of waiting) if (!queued.has(key)) store.enqueue(key);
  };

  const findOrAdd = (request: JobRequest): { job: JobRecord; adopted: boolean } => {
    const { key, dir, argv } = request;
    const known = store.findJob(key);
    if (known) return { job: known, adopted: true };
    const run = store.runDirOf(request);
    if (!run.bind({ key, argv }) && run.boundTo() !== key) {
      throw new ConflictError(`The directory ${dir} already belongs to the job ${run.boundTo()}.`);
    }
    const record = { ...request, graceSeconds, submittedAt: clock.now().toISOString() };
    const added = store.addJob(record);
    return { job: store.findJob(key) ?? record, adopted: !added };
  };

  const jobOf = (key: string): JobRecord => {
    const job = isJobKey(key) ? store.findJob(key) : undefined;
    if (!job) throw new NotFoundError(`the job ${key}`);
    return job;
  };

  return {
    name: 'local',

    async submit(request) {
      assertJobRequest(request);
      if ((request.gpus ?? 0) > gpus) {
        throw new TrexError(
          'cluster_too_small',
          'config',
          `The job needs ${request.gpus} GPU(s), and the local cluster is set up with ${gpus}.`,
        );
      }
      const { job, adopted } = findOrAdd(request);
      if (adopted && !isSameWork(job, request))
        log.warn({ key: job.key }, 'job.adopted with another request');
      ensureTickets([job.key]);
      dispatch(job.key);
      return { clusterJobId: job.key, adopted };
    },

    async poll(keys) {
      ensureTickets(keys);
      dispatch();
      return new Map(keys.map((key) => [key, look(key)]));
    },

    async read(key, file, offset, maxBytes) {
      assertFileName(file);
      assertReadRange(offset, maxBytes);
      const path = store.runDirOf(jobOf(key)).path(file);
      return readLines(path, offset, maxBytes, isFinalJobState(look(key).state));
    },

    async cancel(key, graceSeconds) {
      const first = look(key);
      const job = store.findJob(key);
      if (first.state === 'unknown' || isFinalJobState(first.state) || !job) return first;
      const run = store.runDirOf(job);
      run.requestCancel(graceSeconds);
      if (run.claim(me)) {
        const endedAt = clock.now().toISOString();
        run.recordExit({ why: 'cancelled', code: null, signal: null, startedAt: null, endedAt });
      }
      const killSupervisorAt = clock.now().getTime() + graceSeconds * 1000 + supervisorPatienceMs;
      for (;;) {
        const status = look(key);
        if (isFinalJobState(status.state)) {
          dispatch();
          return status;
        }
        const late = clock.now().getTime() - killSupervisorAt;
        if (late > supervisorPatienceMs) {
          throw new TrexError('cancel_unproven', 'cluster', `Processes of the job ${key} cannot be ended.`);
        }
        const supervisor = run.findClaim();
        if (late > 0 && supervisor && run.findChild() && isAlive(supervisor))
          process.kill(supervisor.pid, 'SIGKILL');
        await clock.sleep(cancelTickMs);
      }
    },

    async inspect(key, file) {
      assertFileName(file);
      const path = store.runDirOf(jobOf(key)).path(file);
      const found = await hashFile(path);
      return found && { host: null, path, ...found };
    },

    async fetch(key, files) {
      files.forEach(assertFileName);
      jobOf(key);
      if (!isFinalJobState(look(key).state)) throw new ConflictError(`The job ${key} has not ended.`);
    },

    async discard(wanted) {
      for (const names of wanted.values()) assertDiscardable(names);
      const freed = new Map<string, number>();
      for (const [key, names] of wanted) {
        const { state } = look(key);
        if (state !== 'unknown' && !isFinalJobState(state)) continue;
        const job = isJobKey(key) ? store.findJob(key) : undefined;
        freed.set(key, job === undefined ? 0 : await removeFiles(job.dir, names));
      }
      return freed;
    },

    async list() {
      dispatch();
      return store.jobKeys().map(look).sort(bySubmission);
    },

    async slots() {
      const unfinished = store
        .queue()
        .filter(({ key }) => !store.finished.has(key) && !isFinalJobState(look(key).state)).length;
      return { total: slots, free: Math.max(0, slots - unfinished) };
    },
  };
}

function running(job: JobRecord, run: RunDir): JobStatus {
  const child = run.findChild();
  return runningStatus(job, child, child ? runClock(child) : new Date());
}

function isSameWork(job: JobRecord, request: JobRequest): boolean {
  const work = ({ dir, argv, env, limitSeconds }: JobRequest): string =>
    canonicalJson({ dir, argv, env, limitSeconds });
  return work(job) === work(request);
}
