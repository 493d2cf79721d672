import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Exit, parseExit, parseTime } from '../exit.ts';
import { readObject, writeOnce, writeOver } from '../files.ts';
import type { ProcessIdentity } from './processes.ts';

/** The job's first process; leader of its session and group. */
export interface Child extends ProcessIdentity {
  startedAt: string;
  /**
   * Uptime of the machine at the start, seconds: a monotonic clock. Undefined where an older version did not read it.
   */
  uptimeSeconds: number | undefined;
}

export const logFiles = { out: 'out.log', err: 'err.log' } as const;

/**
 * The files through which supervisor and bot share the state of a run. `cluster.json` (the key of the directory),
 * `pid.json` (the claim: its writer is the only process that may ever run the job) and `exit.json` (the end) are
 * written once and never change.
 */
export function openRunDir(dir: string) {
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
      if (!existsSync(path('cancel.json'))) return undefined; // checked ten times a second
      const cancel = readObject(path('cancel.json'));
      return cancel && { graceSeconds: Number(cancel.graceSeconds) || 0 };
    },

    recordExit: (exit: Exit): boolean => writeOnce(path('exit.json'), exit),
    isEnded: (): boolean => existsSync(path('exit.json')),
    findExit: (): Exit | undefined => {
      const value = readObject(path('exit.json'));
      return value === undefined && !existsSync(path('exit.json')) ? undefined : parseExit(value);
    },
  };
}
export type RunDir = ReturnType<typeof openRunDir>;

function parseIdentity(value: Record<string, unknown> | undefined): ProcessIdentity | undefined {
  if (value === undefined) return undefined;
  return { pid: Number(value.pid) || 0, start: String(value.start), boot: String(value.boot) };
}

function parseChild(value: Record<string, unknown> | undefined): Child | undefined {
  const identity = parseIdentity(value);
  const startedAt = parseTime(value?.startedAt);
  const uptimeSeconds = typeof value?.uptimeSeconds === 'number' ? value.uptimeSeconds : undefined;
  return identity && identity.pid > 1 && startedAt !== null
    ? { ...identity, startedAt, uptimeSeconds }
    : undefined;
}
