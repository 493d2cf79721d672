import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { clientEnvironment } from '../environment.ts';
import type { Cluster } from '../port.ts';
import type { LoginNode } from './call.ts';
import type { Site } from './render-job.ts';
import { createCopiedFiles, createSharedFiles } from './run-files.ts';
import { createLocalShell } from './shell.ts';
import { createSlurmCluster } from './slurm-cluster.ts';
import { createSshShell } from './ssh-shell.ts';

export interface SlurmOptions extends Site {
  /** For ssh; null: this machine is the login node. */
  host: string | null;
  /** Another configuration of ssh than ~/.ssh/config. */
  sshConfig: string | null;
  /**
   * `shared`: the cluster sees run directories under the same path; `copied`: they are transferred both ways through
   * ssh.
   */
  files: 'shared' | 'copied';
  /** Records and copied run directories, on the cluster; absolute. */
  dir: string;
  /** Folder of Slurm's commands; null where a plain shell finds them. */
  path: string | null;
  /** Larger files of a run stay on the cluster, where they are copied. */
  fetchMaxBytes: number;
}

/**
 * A Slurm cluster from the configuration. Connects when it is first used.
 * @param outside `lazyFiles`: files that are fetched only on request where files are copied: weights
 */
export function openSlurm(
  options: SlurmOptions,
  { slots, lazyFiles, log, clock }: { slots: number; lazyFiles: readonly string[]; log: Log; clock: Clock },
): Cluster {
  const environment = clientEnvironment();
  const { host, sshConfig: configFile, path, dir: stateDir } = options;
  const shell =
    host === null
      ? createLocalShell(environment)
      : createSshShell({ host, configFile, socketDir: makeSocketDir(), environment });
  const node: LoginNode = { shell, host, stateDir, path };
  const files =
    options.files === 'copied'
      ? createCopiedFiles(node, environment, { maxFileBytes: options.fetchMaxBytes, lazyFiles })
      : createSharedFiles(node);
  return createSlurmCluster({ node, files, site: options, slots, log, clock });
}

/** A folder of our own, with a path that is short enough for a socket. */
function makeSocketDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'trex-ssh-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
