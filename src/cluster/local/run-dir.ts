import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readObject, writeOnce, writeOver } from './files.ts';
import type { ProcessIdentity } from './processes.ts';

/** Why a run ended. `exit` and `signal`: by itself; `start`: the program could not be started. */
const endings = ['exit', 'signal', 'start', 'timeout', 'out_of_memory', 'cancelled', 'lost'] as const;
export type Ending = (typeof endings)[number];

export interface Exit {
  why: Ending;
  code: number | null;
  signal: string | null;
  /** ISO 8601; null when the program never started. */
  startedAt: string | null;
  endedAt: string;
  /** One sentence, where there is more to say than `why`. */
  detail?: string;
}

/** The job's first process; leader of its session and group. */
export interface Child extends ProcessIdentity {
  startedAt: string;
}

export const logFiles = { out: 'out.log', err: 'err.log' } as const;

/**
 * The files through which supervisor and bot know of a run. `cluster.json` (which key the directory belongs to),
 * `pid.json` (the claim: its writer is the only process that may ever run the job) and `exit.json` (the end) are
 * written once and never change.
 */
export function runDir(dir: string) {
  const path = (name: string): string => join(dir, name);
  return {
    dir,
    path,
    exists: (): boolean => existsSync(dir),

    bind: (summary: { key: string; argv: string[] }): boolean => writeOnce(path('cluster.json'), summary),
    boundTo: (): unknown => readObject(path('cluster.json'))?.key,

    claim: (by: ProcessIdentity): boolean => writeOnce(path('pid.json'), by),
    findClaim: (): ProcessIdentity | undefined => parseIdentity(readObject(path('pid.json'))),
    claimPath: path('pid.json'),

    recordChild: (child: Child): void => writeOver(path('child.json'), child),
    findChild: (): Child | undefined => parseChild(readObject(path('child.json'))),

    requestCancel: (graceSeconds: number): void => writeOver(path('cancel.json'), { graceSeconds }),
    findCancel: (): { graceSeconds: number } | undefined => {
      if (!existsSync(path('cancel.json'))) return undefined; // asked ten times a second
      const cancel = readObject(path('cancel.json'));
      return cancel && { graceSeconds: Number(cancel.graceSeconds) || 0 };
    },

    recordExit: (exit: Exit): boolean => writeOnce(path('exit.json'), exit),
    isEnded: (): boolean => existsSync(path('exit.json')),
    findExit: (): Exit | undefined => parseExit(path('exit.json')),
  };
}
export type RunDir = ReturnType<typeof runDir>;

/** A job can reach these files, so what cannot be read is an end nobody knows, and never an error. */
function parseExit(path: string): Exit | undefined {
  const value = readObject(path);
  if (value === undefined && !existsSync(path)) return undefined;
  const why = endings.find((ending) => ending === value?.why);
  const startedAt = parseTime(value?.startedAt);
  const endedAt = parseTime(value?.endedAt);
  if (why === undefined || endedAt === null) {
    return {
      why: 'lost',
      code: null,
      signal: null,
      startedAt,
      endedAt: endedAt ?? startedAt ?? new Date(0).toISOString(),
      detail: 'Its exit.json cannot be read.',
    };
  }
  return {
    why,
    code: typeof value?.code === 'number' ? value.code : null,
    signal: typeof value?.signal === 'string' ? value.signal : null,
    startedAt,
    endedAt,
    ...(typeof value?.detail === 'string' && { detail: value.detail }),
  };
}

function parseIdentity(value: Record<string, unknown> | undefined): ProcessIdentity | undefined {
  if (value === undefined) return undefined;
  return { pid: Number(value.pid) || 0, start: String(value.start), boot: String(value.boot) };
}

function parseChild(value: Record<string, unknown> | undefined): Child | undefined {
  const identity = parseIdentity(value);
  const startedAt = parseTime(value?.startedAt);
  return identity && identity.pid > 1 && startedAt !== null ? { ...identity, startedAt } : undefined;
}

function parseTime(value: unknown): string | null {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : null;
}
