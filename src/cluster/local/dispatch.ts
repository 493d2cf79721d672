import { statSync } from 'node:fs';
import { isDiskFull } from '../../lib/errors.ts';
import type { Exit } from '../exit.ts';
import { isAlive, listProcesses, processesOfJob, signalJob } from './processes.ts';
import { runClock } from './run-clock.ts';
import type { RunDir } from './run-dir.ts';
import type { JobRecord, Store } from './store.ts';

/**
 * Jobs that are to start now, in order. Any process may call this at any time; the claim decides who runs a job.
 *
 * The rule: a job may start when fewer than `slots` jobs with lower tickets are unfinished (and, if it needs GPUs, no
 * other job with GPUs is among them: they share all GPUs of this machine one after the other). Tickets only grow and a
 * finished job stays finished, so once true this stays true, no lock is needed, and at most `slots` jobs run: the
 * youngest of them saw at most `slots` - 1 unfinished before it.
 */
export function jobsToStart(store: Store): JobRecord[] {
  const { slots } = store.limits();
  const starts: JobRecord[] = [];
  let unfinished = 0;
  let gpuTaken = false;
  const line = store.queue();
  const finished: string[] = [];
  for (const { key, number } of line) {
    if (unfinished >= slots) break;
    const job = store.finished.has(key) ? undefined : store.findJob(key);
    const run = job && store.runDirOf(job);
    if (!job || !run?.exists() || isOver(run)) {
      if (run?.isEnded()) store.finished.add(key);
      finished.push(number);
      continue;
    }
    const needsGpu = (job.gpus ?? 0) > 0;
    if (run.findClaim() === undefined && !(needsGpu && gpuTaken)) starts.push(job);
    gpuTaken ||= needsGpu;
    unfinished++;
  }
  store.dequeue(finished, line.at(-1)?.number ?? '0');
  return starts;
}

/** True once the run has its exit.json, which this writes for a run whose supervisor has died. */
export function isOver(run: RunDir): boolean {
  if (run.isEnded()) return true;
  const claim = run.findClaim();
  if (claim === undefined || isAlive(claim)) return false;
  if (run.isEnded()) return true; // its last act, after the check above
  return recordLostRun(run);
}

/**
 * Ends a run without a supervisor: kills its remaining processes, and when the process table holds none, records it as
 * lost (or cancelled, where that was requested). One pass, no waiting.
 * @returns false while a process is still dying; call again
 */
function recordLostRun(run: RunDir): boolean {
  const child = run.findChild();
  let orphaned = false;
  if (child) {
    const orphans = processesOfJob(listProcesses(), child);
    signalJob(orphans, child, 'SIGKILL');
    orphaned = orphans.length > 0;
    if (orphaned && processesOfJob(listProcesses(), child).length > 0) return false;
  }
  const exit: Exit = {
    why: run.findCancel() ? 'cancelled' : 'lost',
    code: null,
    signal: null,
    startedAt: child?.startedAt ?? null,
    endedAt: (orphaned && child ? runClock(child) : lastSeen(run)).toISOString(),
    detail: 'The process that watched over it was killed, or the machine restarted.',
  };
  try {
    run.recordExit(exit);
    return true;
  } catch (error) {
    // Recorded when there is room again; until then the run is not over.
    if (isDiskFull(error)) return false;
    throw error;
  }
}

/** The supervisor touches its claim every few seconds, so a machine that was off all night costs nothing. */
function lastSeen(run: RunDir): Date {
  return statSync(run.claimPath, { throwIfNoEntry: false })?.mtime ?? new Date();
}
