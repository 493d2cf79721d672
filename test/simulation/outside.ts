import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Content } from '../../src/campaign/messages.ts';
import { isFinalJobState, type JobRequest, type JobState, type JobStatus } from '../../src/cluster/port.ts';
import { realSeconds, type TinyEngine } from './training.ts';

/** A job on the simulated cluster, in seconds of its clock. */
export interface ClusterJob {
  request: JobRequest;
  submittedAt: number;
  startedAt: number | null;
  seconds: number;
  end: { at: number; state: JobState } | null;
}

/** The cluster itself, without the network: its jobs and files survive every death of the bot. */
export interface SimulatedCluster {
  /** @returns true when this started a run, false when the key was known */
  submit(request: JobRequest, at: number): { clusterJobId: string; isNew: boolean };
  status(key: string, at: number): JobStatus;
  cancel(key: string, at: number): JobStatus;
  /** Ends a running job as a power failure would. @returns false when it does not run */
  kill(key: string, at: number): boolean;
  /** Loses a running job and all records of it. @returns false when it does not run */
  forget(key: string, at: number): boolean;
  result(key: string, at: number): string | null;
  /** Path of the weights of a run; null when it left none, or they were removed. */
  weights(key: string): string | null;
  /** Removes the weights of a run. @returns bytes; null when the job has not ended */
  discard(key: string, at: number): number | null;
  running(at: number): string[];
  keys(): string[];
  /** Number of runs ever started, by key. */
  readonly runs: ReadonlyMap<string, number>;
  /** The moment at which the next running job ends by itself; null when none runs. */
  nextEnd(at: number): number | null;
}

export function createSimulatedCluster(engine: TinyEngine, slots: number): SimulatedCluster {
  const jobs = new Map<string, ClusterJob>();
  const runs = new Map<string, number>();
  const endOf = (job: ClusterJob): number =>
    (job.startedAt as number) + Math.min(job.seconds, job.request.limitSeconds);

  // Jobs start and end at their own times, independent of polls.
  const settle = (now: number): void => {
    for (;;) {
      const active = [...jobs.values()].filter((job) => job.startedAt !== null && job.end === null);
      const next = active.reduce<ClusterJob | null>(
        (first, job) => (first === null || endOf(job) < endOf(first) ? job : first),
        null,
      );
      const waiting = [...jobs.values()].find((job) => job.startedAt === null && job.end === null);
      if (waiting !== undefined && active.length < slots) {
        waiting.startedAt = Math.max(waiting.submittedAt, lastFreed);
        continue;
      }
      if (next === null || endOf(next) > now) return;
      finish(next, endOf(next), next.seconds > next.request.limitSeconds ? 'timeout' : 'succeeded');
    }
  };
  let lastFreed = 0;
  const finish = (job: ClusterJob, at: number, state: JobState): void => {
    job.end = { at, state };
    lastFreed = Math.max(lastFreed, at);
    if (state === 'succeeded')
      writeFileSync(join(job.request.dir, 'weights.bin'), job.request.argv[1] as string);
  };
  const status = (key: string, at: number): JobStatus => {
    settle(at);
    const job = jobs.get(key);
    if (job === undefined) return { key, state: 'unknown', runSeconds: 0 };
    const { startedAt, end } = job;
    const state = end?.state ?? (startedAt === null ? 'queued' : 'running');
    return { key, state, runSeconds: startedAt === null ? 0 : Math.max(0, (end?.at ?? at) - startedAt) };
  };
  const isRunning = (key: string, at: number): boolean => {
    const { state } = status(key, at);
    return state !== 'unknown' && !isFinalJobState(state);
  };
  return {
    runs,
    submit: (request, at) => {
      settle(at);
      // Ids repeat, as after a cluster's database was restored.
      const clusterJobId = String((jobs.size % 3) + 1);
      if (jobs.has(request.key)) return { clusterJobId, isNew: false };
      const seconds = realSeconds(engine.jobOf(request.argv));
      jobs.set(request.key, { request, submittedAt: at, startedAt: null, seconds, end: null });
      runs.set(request.key, (runs.get(request.key) ?? 0) + 1);
      settle(at);
      return { clusterJobId, isNew: true };
    },
    status,
    cancel: (key, at) => {
      if (isRunning(key, at)) finish(jobs.get(key) as ClusterJob, at, 'cancelled');
      return status(key, at);
    },
    kill: (key, at) => {
      if (!isRunning(key, at)) return false;
      finish(jobs.get(key) as ClusterJob, at, 'failed');
      return true;
    },
    forget: (key, at) => {
      if (!isRunning(key, at)) return false;
      lastFreed = Math.max(lastFreed, at);
      return jobs.delete(key);
    },
    result: (key, at) => {
      if (status(key, at).state !== 'succeeded') return null;
      return `${JSON.stringify({ id: jobs.get(key)?.request.argv[1] })}\n`;
    },
    weights: (key) => {
      const path = join(jobs.get(key)?.request.dir ?? '', 'weights.bin');
      return existsSync(path) ? path : null;
    },
    discard: (key, at) => {
      if (isRunning(key, at)) return null;
      const path = join(jobs.get(key)?.request.dir ?? '', 'weights.bin');
      if (!existsSync(path)) return 0;
      const { size } = statSync(path);
      rmSync(path);
      return size;
    },
    running: (at) => [...jobs.keys()].filter((key) => isRunning(key, at)),
    keys: () => [...jobs.keys()],
    nextEnd: (at) => {
      settle(at);
      const ends = [...jobs.values()].filter((job) => job.startedAt !== null && job.end === null).map(endOf);
      return ends.length === 0 ? null : Math.min(...ends);
    },
  };
}

export interface ThreadMessage {
  ts: string;
  channel: string;
  threadTs: string | null;
  key: string;
  content: Content;
  /** Ids of the files that it shows. */
  files?: string[];
}

/** The chat itself, without the network. */
export interface SimulatedChat {
  messages: ThreadMessage[];
  post(message: Omit<ThreadMessage, 'ts'>, at: number): { ts: string };
  /** @returns false when there is no such message */
  update(channel: string, ts: string, content: Content): boolean;
}

export function createSimulatedChat(): SimulatedChat {
  const messages: ThreadMessage[] = [];
  return {
    messages,
    post: (message, at) => {
      const ts = `${Math.floor(at)}.${String(messages.length + 1).padStart(6, '0')}`;
      messages.push({ ...message, ts });
      return { ts };
    },
    update: (channel, ts, content) => {
      const message = messages.find((m) => m.channel === channel && m.ts === ts);
      if (message !== undefined) message.content = content;
      return message !== undefined;
    },
  };
}
