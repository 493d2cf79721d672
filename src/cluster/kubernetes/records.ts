import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomicallySync } from '../../lib/write-atomically.ts';
import { type Exit, parseExit, parseTime } from '../exit.ts';
import { readObject, writeOnce } from '../files.ts';
import { isJobKey } from '../job-request.ts';
import type { SubmittedJob } from '../job-status.ts';
import type { JobRequest } from '../port.ts';
import { renderCommand } from './render-job.ts';

export interface Claim {
  /** Empty where the bot claimed it, so that no pod can. */
  pod: string;
  node: string;
  startedAt: string;
}

/**
 * The files on the volume that bot and pods share: `keys/KEY/` in the bot's own folder, and the run directories.
 * Kubernetes forgets Jobs, and a cancelled one at once; these files stay.
 */
export function openRecords(stateDir: string) {
  const folderOf = (key: string): string => join(stateDir, 'keys', key);
  const path = (key: string, name: string): string => join(folderOf(key), name);
  return {
    folderOf,

    /** Undefined for a key that was never submitted. */
    find(key: string): SubmittedJob | undefined {
      const record = isJobKey(key) ? readObject(path(key, 'record.json')) : undefined;
      const submittedAt = parseTime(record?.submittedAt);
      if (record === undefined || submittedAt === null) return undefined;
      const { dir, limitSeconds, memoryBytes } = record;
      return {
        ...{ key, dir: String(dir), submittedAt, limitSeconds: Number(limitSeconds) },
        ...(typeof memoryBytes === 'number' && { memoryBytes }),
      };
    },

    /** Written once: a job that has begun removed its command, and its variables may be secrets. */
    add({ key, dir, argv, env, limitSeconds, memoryBytes }: JobRequest, submittedAt: string): void {
      if (existsSync(path(key, 'record.json'))) return;
      mkdirSync(folderOf(key), { recursive: true, mode: 0o700 });
      writeAtomicallySync(path(key, 'command'), renderCommand({ argv, env }), 0o600);
      writeOnce(path(key, 'record.json'), { dir, submittedAt, limitSeconds, memoryBytes });
    },

    /** The Job was refused permanently: its key stays free. */
    forget: (key: string): void => rmSync(folderOf(key), { recursive: true, force: true }),

    /** Kubernetes has the Job; its identity there is stored for people. */
    remember: (key: string, uid: string): unknown => writeOnce(path(key, 'id.json'), { uid }),
    findId: (key: string): string | undefined => {
      const uid = readObject(path(key, 'id.json'))?.uid;
      return typeof uid === 'string' ? uid : undefined;
    },

    removeCommand: (key: string): void => rmSync(path(key, 'command'), { force: true }),

    keys: (): string[] =>
      existsSync(join(stateDir, 'keys')) ? readdirSync(join(stateDir, 'keys')).filter(isJobKey) : [],
  };
}
export type Records = ReturnType<typeof openRecords>;

/**
 * The files through which the pod's script and the bot share the state of a run. A job can write them: unreadable
 * content counts as missing.
 */
export function openRun(dir: string) {
  const path = (name: string): string => join(dir, name);
  // Existence is checked before reading: a file that appears in between would look like an unreadable one.
  const find = (name: string, more: object = {}): Exit | null =>
    existsSync(path(name)) ? parseExit({ ...readObject(path(name)), ...more }) : null;
  return {
    exists: (): boolean => existsSync(dir),
    bind: (key: string): boolean => writeOnce(path('cluster.json'), { key }),
    boundTo: (): unknown => readObject(path('cluster.json'))?.key,

    /** @returns false where it is taken already */
    claim: (claim: Claim): boolean => writeOnce(path('claim.json'), claim),
    /** @param submittedAt stands in for a start that cannot be read */
    findClaim(submittedAt: string): Claim | null {
      if (!existsSync(path('claim.json'))) return null;
      const value = readObject(path('claim.json'));
      return {
        pod: String(value?.pod ?? ''),
        node: String(value?.node ?? ''),
        startedAt: parseTime(value?.startedAt) ?? submittedAt,
      };
    },
    /** The last heartbeat of the pod's script, at most 10 s old. */
    seenAt: (): Date | null => statSync(path('claim.json'), { throwIfNoEntry: false })?.mtime ?? null,

    requestCancel: (graceSeconds: number): boolean =>
      writeOnce(path('cancel.json'), { graceMs: Math.round(graceSeconds * 1000) }),
    isCancelled: (): boolean => existsSync(path('cancel.json')),

    findExit: (): Exit | null => find('exit.json'),
    /** How the program ended where the pod's script could not know why; null if it did not end so. */
    findStopped: (): Exit | null => find('stopped.json', { why: 'signal' }),
    recordExit: (exit: Exit): boolean => writeOnce(path('exit.json'), exit),
    isEnded: (): boolean => existsSync(path('exit.json')),
  };
}
