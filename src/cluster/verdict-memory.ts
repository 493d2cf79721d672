import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { JobStatus } from './port.ts';

/** Settings of every cluster whose jobs are judged from evidence. */
export interface JudgedClusterOptions {
  /** Maximum number of our jobs at once at this site, 1 or more; the cluster decides which really start. */
  slots: number;
  /** Seconds between TERM and KILL at a job's time limit; unset is 30. */
  graceSeconds?: number;
  /**
   * How long a job has to look ended before its missing exit.json counts, seconds; unset is 60, which is how long a
   * network file system may hide a new file.
   */
  settleSeconds?: number;
  log: Log;
  clock: Clock;
}

/**
 * State between two polls of a cluster whose jobs are judged from evidence: the final statuses, and since when a job
 * has looked ended.
 */
export function createVerdictMemory(settleSeconds: number) {
  const finals = new Map<string, JobStatus>();
  /** When a job first looked ended without saying how, in milliseconds. */
  const endedSince = new Map<string, number>();
  return {
    /** The keys that still have to be judged, each once. */
    unjudged: (keys: readonly string[]): string[] => [...new Set(keys)].filter((key) => !finals.has(key)),

    /**
     * True once the job has looked ended for long enough that an earlier file would be visible by now.
     * @param looksEnded false while it has its exit.json, or any part of it is active: then the time starts anew
     */
    isSettled(key: string, looksEnded: boolean, now: Date): boolean {
      if (!looksEnded) {
        endedSince.delete(key);
        return false;
      }
      const since = endedSince.get(key) ?? now.getTime();
      endedSince.set(key, since);
      return now.getTime() - since >= settleSeconds * 1000;
    },

    /** A final status never changes, so the job is not judged again. */
    keepFinal(status: JobStatus): void {
      finals.set(status.key, status);
      endedSince.delete(status.key);
    },

    /** One status for every key: the final one, else the one of this poll, else unknown. */
    statusesOf: (keys: readonly string[], polled: ReadonlyMap<string, JobStatus>): Map<string, JobStatus> =>
      new Map(
        keys.map((key) => [
          key,
          finals.get(key) ?? polled.get(key) ?? { key, state: 'unknown', runSeconds: 0 },
        ]),
      ),
  };
}
