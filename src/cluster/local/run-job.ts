import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, statfsSync, utimesSync, writeFileSync } from 'node:fs';
import { setPriority, uptime } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDiskFull } from '../../lib/errors.ts';
import { baseEnvironment } from '../environment.ts';
import type { Ending, Exit } from '../exit.ts';
import {
  identify,
  listProcesses,
  type ProcessIdentity,
  type ProcessRow,
  processesOfJob,
  residentBytes,
  signalJob,
} from './processes.ts';
import { logFiles, type RunDir } from './run-dir.ts';
import type { JobRecord } from './store.ts';

/** Lowest polite priority but not idle: the bot and the supervisor come first, jobs take the rest. */
const jobNice = 10;
const tickMs = 100;
const killTickMs = 20;
/** How often the process table is read: to find workers with sessions of their own, and to measure memory. */
const lookMs = { withMemoryLimit: 1_000, without: 5_000 };
const killWaitMs = 10_000;
const roomTickMs = 1_000;

/**
 * The shell waits for one line before it becomes the program, so that the program's process is recorded before it does
 * anything: a supervisor that dies in between leaves the gate at end of file, and the shell exits.
 */
const gate = 'read -r go <&3 || exit 125; exec 3<&-; unset go PWD OLDPWD SHLVL; exec "$@"';

/**
 * Runs a claimed job to its end and records the end in exit.json. One pass of the loop (10 a second) checks for a
 * cancel request, the limits and the shutdown of this machine.
 * @param shutdown aborts when this supervisor receives a signal to stop; the job is then stopped and recorded as lost
 */
export async function runJob(job: JobRecord, run: RunDir, shutdown: AbortSignal): Promise<void> {
  const never = { code: null, signal: null, startedAt: null };
  if (run.findCancel()) return finish(run, { why: 'cancelled', ...never });
  let started: Started | null;
  try {
    started = await startWhenRoom(job, run, shutdown);
  } catch (error) {
    return finish(run, { why: 'start', ...never, detail: `It could not be started: ${String(error)}.` });
  }
  if (started === null) return finish(run, { why: run.findCancel() ? 'cancelled' : 'lost', ...never });
  const { leader, startedAt, startMs, ended, open } = started;
  let result: Result | undefined;
  ended.then((value) => {
    result = value;
  });
  open();

  const lookEveryMs = job.memoryBytes === undefined ? lookMs.without : lookMs.withMemoryLimit;
  const seen = new Map<number, string>();
  const look = (): ProcessRow[] => {
    const rows = processesOfJob(listProcesses(), leader, seen);
    for (const row of rows) seen.set(row.pid, row.start);
    return rows;
  };
  let why: Ending | undefined;
  let killAtMs = Number.POSITIVE_INFINITY;
  let nextLookMs = startMs + Math.min(1_000, lookEveryMs);

  while (result === undefined) {
    const nowMs = performance.now();
    const cancel = run.findCancel();
    const before = why;
    if (why === undefined) {
      if (cancel) why = 'cancelled';
      else if (nowMs - startMs >= job.limitSeconds * 1000) why = 'timeout';
      else if (shutdown.aborted) why = 'lost';
      else if (nowMs >= nextLookMs) {
        nextLookMs = nowMs + lookEveryMs;
        touch(run, Date.parse(startedAt) + nowMs - startMs);
        const rows = look();
        if (job.memoryBytes !== undefined && residentBytes(rows) > job.memoryBytes) why = 'out_of_memory';
      }
    }
    if (why !== before) {
      const graceSeconds = why === 'out_of_memory' ? 0 : job.graceSeconds;
      killAtMs = nowMs + (why === 'cancelled' && cancel ? cancel.graceSeconds : graceSeconds) * 1000;
      if (nowMs < killAtMs) signalJob(look(), leader, 'SIGTERM');
    } else if (why !== undefined && cancel) {
      killAtMs = Math.min(killAtMs, nowMs + cancel.graceSeconds * 1000);
    }
    if (why !== undefined && nowMs >= killAtMs) signalJob(look(), leader, 'SIGKILL');
    await Promise.race([ended, sleep(nowMs < killAtMs ? Math.min(tickMs, killAtMs - nowMs) : killTickMs)]);
  }

  await killStragglers(look, leader);
  const [code, signal] = result;
  const runSeconds = (performance.now() - startMs) / 1000;
  const isFull = why === undefined && code !== 0 && isOutOfRoom(job.dir);
  await finish(run, {
    why: why ?? (signal === null ? 'exit' : 'signal'),
    code,
    signal,
    startedAt,
    runSeconds,
    ...(isFull && { detail: 'It failed, and the disk of its run directory is full.' }),
  });
}

type Result = [code: number | null, signal: NodeJS.Signals | null];

interface Started {
  leader: ProcessIdentity;
  /** ISO 8601, and on the clock of this process. */
  startedAt: string;
  startMs: number;
  ended: Promise<Result>;
  /** Opens the gate. */
  open: () => void;
}

/**
 * @returns null when the job was cancelled, or this machine is being shut down, before the disk had room for its files
 */
async function startWhenRoom(job: JobRecord, run: RunDir, shutdown: AbortSignal): Promise<Started | null> {
  for (;;) {
    try {
      return await start(job, run);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      console.error(`${new Date().toISOString()} waits for room: ${String(error)}`);
    }
    await sleep(roomTickMs);
    if (run.findCancel() || shutdown.aborted || !run.exists()) return null;
  }
}

/** The job's first process, recorded, in a session and group of its own, waiting behind the gate. */
async function start(job: JobRecord, run: RunDir): Promise<Started> {
  const out = openSync(run.path(logFiles.out), 'a', 0o644);
  const err = openSync(run.path(logFiles.err), 'a', 0o644);
  try {
    const child = spawn('/bin/sh', ['-c', gate, 'sh', ...job.argv], {
      cwd: job.dir,
      env: { ...baseEnvironment(), ...job.env },
      detached: true,
      stdio: ['ignore', out, err, 'pipe'],
    });
    const ended = new Promise<Result>((resolve) => child.once('exit', (...result) => resolve(result)));
    await once(child, 'spawn');
    const leader = child.pid === undefined ? undefined : identify(child.pid);
    if (leader === undefined) throw new Error('its process vanished before the program began');
    const startedAt = new Date().toISOString();
    const startMs = performance.now();
    try {
      run.recordChild({ ...leader, startedAt, uptimeSeconds: uptime() });
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    makePolite(leader.pid);
    const pipe = child.stdio[3] as Writable;
    pipe.on('error', () => {}); // the process was killed behind the gate; `ended` reports it
    return { leader, startedAt, startMs, ended, open: () => pipe.end('go\n') };
  } finally {
    closeSync(out);
    closeSync(err);
  }
}

/** Linux desktops share the processor between sessions first (sched_autogroup), where nice alone does nothing. */
function makePolite(pid: number): void {
  try {
    setPriority(pid, jobNice);
    writeFileSync(`/proc/${pid}/autogroup`, String(jobNice));
  } catch {
    // Best effort: containers and other systems may refuse it.
  }
}

/** The job ends with its first process; processes that it left in the background are killed at once. */
async function killStragglers(look: () => ProcessRow[], leader: ProcessIdentity): Promise<void> {
  const giveUpMs = performance.now() + killWaitMs;
  for (let rows = look(); rows.length > 0 && performance.now() < giveUpMs; rows = look()) {
    signalJob(rows, leader, 'SIGKILL');
    await sleep(5);
  }
}

/** A full disk is the likeliest reason for a second pass; recording the end of a job is worth waiting for space. */
async function finish(run: RunDir, exit: Omit<Exit, 'endedAt'>): Promise<void> {
  const endedAt = new Date().toISOString();
  for (;;) {
    try {
      run.recordExit({ ...exit, endedAt });
      return;
    } catch (error) {
      if (!run.exists()) return;
      console.error(`${new Date().toISOString()} cannot write exit.json: ${String(error)}`);
      await sleep(roomTickMs);
    }
  }
}

/** True when less than a megabyte is left where the run writes. */
function isOutOfRoom(dir: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize < 2 ** 20;
  } catch {
    return false;
  }
}

/** A heartbeat, in time of the run: the last one is its end if this supervisor is killed. */
function touch(run: RunDir, ms: number): void {
  try {
    const now = new Date(ms);
    utimesSync(run.claimPath, now, now);
  } catch {
    // The directory was removed under the job; it runs on until its end.
  }
}
