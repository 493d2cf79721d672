import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readObject, writeOnce, writeOver } from '../files.ts';
import type { JobRequest } from '../port.ts';
import { openRunDir, type RunDir } from './run-dir.ts';

/** A submitted job; never changes. Holds the job's variables, so its file is readable by the owner only. */
export interface JobRecord extends JobRequest {
  /** ISO 8601. */
  submittedAt: string;
  /** Seconds between TERM and KILL when the job reaches its limit or this machine shuts down. */
  graceSeconds: number;
}

export interface Limits {
  slots: number;
  gpus: number;
}

/** More submissions than can happen while one bot is between reading the highest number and taking the next. */
const keptTickets = 100;

/**
 * The state that bot and supervisors share: `jobs/KEY.json` (the request), `queue/NUMBER` (a ticket: one key in line)
 * and `limits.json`. Calls are synchronous on purpose: the files are a few hundred bytes, and between two lines of a
 * decision nothing else of this process can run.
 */
export function openStore(stateDir: string) {
  const jobsDir = join(stateDir, 'jobs');
  const queueDir = join(stateDir, 'queue');
  const limitsPath = join(stateDir, 'limits.json');
  const records = new Map<string, JobRecord>();
  const tickets = new Map<string, string>();
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  mkdirSync(jobsDir, { recursive: true, mode: 0o700 });
  mkdirSync(queueDir, { recursive: true, mode: 0o700 });

  const findJob = (key: string): JobRecord | undefined => {
    const known = records.get(key);
    if (known) return known;
    const record = readObject(join(jobsDir, `${key}.json`)) as JobRecord | undefined;
    if (record) records.set(key, record);
    return record;
  };

  const ticketNumbers = (): string[] =>
    readdirSync(queueDir)
      .filter((name) => /^\d{12}$/.test(name))
      .sort();

  return {
    stateDir,
    supervisorLog: join(stateDir, 'supervisor.log'),
    /** Keys that this process has seen final; their files need not be read again. */
    finished: new Set<string>(),
    setLimits: (limits: Limits): void => writeOver(limitsPath, limits),
    limits: (): Limits => {
      const limits = readObject(limitsPath);
      return { slots: Number(limits?.slots) || 1, gpus: Number(limits?.gpus) || 0 };
    },

    findJob,
    addJob: (record: JobRecord): boolean => writeOnce(join(jobsDir, `${record.key}.json`), record),
    jobKeys: (): string[] =>
      readdirSync(jobsDir).flatMap((name) =>
        name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [],
      ),

    runDirOf: (job: Pick<JobRecord, 'dir'>): RunDir => openRunDir(job.dir),

    /** Keys in line, first come first; each once. Some of the first may be finished. */
    queue: (): { key: string; number: string }[] => {
      const seen = new Set<string>();
      return ticketNumbers().flatMap((number) => {
        const key = tickets.get(number) ?? readObject(join(queueDir, number))?.key;
        if (typeof key !== 'string') return [];
        tickets.set(number, key);
        if (seen.has(key)) return [];
        seen.add(key);
        return [{ key, number }];
      });
    },

    /** Takes the number after the highest. Numbers only grow; the rule in dispatch.ts depends on it. */
    enqueue: (key: string): void => {
      for (;;) {
        const next = Number(ticketNumbers().at(-1) ?? 0) + 1;
        if (writeOnce(join(queueDir, String(next).padStart(12, '0')), { key })) return;
      }
    },

    /**
     * Removes finished jobs from the line. The last tickets stay: another bot that read the highest number just before
     * must not find the next one free again, or numbers would not only grow.
     */
    dequeue: (numbers: string[], highest: string): void => {
      for (const number of numbers) {
        if (Number(number) > Number(highest) - keptTickets) continue;
        tickets.delete(number);
        rmSync(join(queueDir, number), { force: true });
      }
    },
  };
}
export type Store = ReturnType<typeof openStore>;
