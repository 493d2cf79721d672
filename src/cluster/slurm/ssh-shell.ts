import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runBash, type Shell } from './shell.ts';

export interface SshOptions {
  /** As for `ssh`: an alias of its configuration, or user@host. */
  host: string;
  /** Another configuration than ~/.ssh/config. */
  configFile: string | null;
  /** Folder for the socket of the shared connection; only short paths fit a socket. */
  socketDir: string;
  environment: Record<string, string>;
}

/** Below sshd's MaxSessions, 10 by default, on one connection. */
const maxSessions = 4;

/**
 * The system's own ssh client: keys, certificates, agents, jump hosts and Kerberos as the person has set them up. All
 * commands share one connection, which stays open for a minute; one that a person opened with a second factor is used
 * where the configuration names its ControlPath. Host keys must be known: nobody is there to accept one.
 */
export function createSshShell({ host, configFile, socketDir, environment }: SshOptions): Shell {
  const place = `the login node ${host}`;
  const base = configFile === null ? [] : ['-F', configFile];
  const slots = createSemaphore(maxSessions);
  /** The first command runs alone: several at once would open a connection each. */
  let first: Promise<unknown> | null = null;
  let options: Promise<string[]> | null = null;

  const findOptions = async (): Promise<string[]> => {
    const { stdout } = await promisify(execFile)('ssh', [...base, '-G', host], { env: environment });
    const hasOwnMaster = /^controlpath (?!none$)/m.test(stdout);
    if (!hasOwnMaster) mkdirSync(socketDir, { recursive: true, mode: 0o700 });
    return [
      ...base,
      ...['-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes', '-o', 'ConnectTimeout=20'],
      ...['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=3'],
      ...(hasOwnMaster
        ? []
        : [
            '-o',
            'ControlMaster=auto',
            '-o',
            `ControlPath=${join(socketDir, '%C')}`,
            '-o',
            'ControlPersist=60',
          ]),
      '-T',
    ];
  };

  const runNow: Shell['run'] = async (script, streams) => {
    options ??= findOptions().catch(() => [...base, '-o', 'BatchMode=yes', '-T']);
    // The account may have any shell; it only has to start bash.
    const command = ['ssh', ...(await options), '--', host, 'exec bash -s'];
    return runBash({ command, environment, place }, script, streams);
  };

  return {
    place,
    run: async (script, streams) => {
      if (first !== null) {
        await first;
        return slots(() => runNow(script, streams));
      }
      const running = runNow(script, streams);
      first = running.catch(() => {});
      return running;
    },
  };
}

/** At most `size` at a time, first come first. */
function createSemaphore(size: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = size;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
