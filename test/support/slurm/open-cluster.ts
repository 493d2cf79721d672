import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster, JobRequest } from '../../../src/cluster/port.ts';
import type { LoginNode } from '../../../src/cluster/slurm/call.ts';
import type { Site } from '../../../src/cluster/slurm/render-job.ts';
import { createCopiedFiles, createSharedFiles } from '../../../src/cluster/slurm/run-files.ts';
import { createLocalShell, type Shell } from '../../../src/cluster/slurm/shell.ts';
import { createSlurmCluster } from '../../../src/cluster/slurm/slurm-cluster.ts';
import { createSshShell } from '../../../src/cluster/slurm/ssh-shell.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import type { ClusterHarness } from '../../contracts/cluster.ts';
import type { SlurmLab } from './start-slurm.ts';

export const plainSite: Site = {
  partition: 'wide',
  account: null,
  qos: null,
  gres: 'gpu',
  sbatchLines: [],
  setupLines: [],
  container: [],
};

export interface OpenOptions {
  over: 'login' | 'ssh';
  files?: 'shared' | 'copied';
  site?: Partial<Site>;
  slots?: number;
  /** Folder whose programs are found before Slurm's. */
  path?: string;
  stateDir: string;
  socketDir: string;
  /** Called for every command on the login node. */
  onCommand?: () => void;
}

function openNode(lab: SlurmLab, { over, path, stateDir, socketDir, onCommand }: OpenOptions): LoginNode {
  const shell =
    over === 'login'
      ? createLocalShell({ ...environment, ...lab.environment })
      : createSshShell({ host: 'login', configFile: lab.sshConfig, socketDir, environment });
  const run: Shell['run'] = (script, streams) => {
    onCommand?.();
    return shell.run(script, streams);
  };
  const host = over === 'login' ? null : 'login';
  return { shell: { ...shell, run }, host, stateDir, path: path ?? null };
}

export function openCluster(lab: SlurmLab, options: OpenOptions): Cluster {
  const node = openNode(lab, options);
  return createSlurmCluster({
    node,
    files:
      options.files === 'copied'
        ? createCopiedFiles(node, environment, { maxFileBytes: 64 * 2 ** 20, lazyFiles: ['weights.bin'] })
        : createSharedFiles(node),
    site: { ...plainSite, ...options.site },
    slots: options.slots ?? 8,
    graceSeconds: 0.3,
    settleSeconds: 2,
    log: silentLog,
    clock: systemClock,
  });
}

const environment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };

const partitions: Record<number, string> = { 1: 'one', 2: 'two', 3: 'three' };

/** The harness for `describeCluster`; `slots` become partitions that run as many jobs. */
export function slurmHarness(
  lab: SlurmLab,
  over: OpenOptions['over'],
  files: 'shared' | 'copied',
): ClusterHarness {
  const root = mkdtempSync(join(tmpdir(), 'trex-cluster-'));
  const stateDir = join(root, 'state');
  const open = (slots: number, path?: string): Cluster =>
    openCluster(lab, {
      over,
      files,
      stateDir,
      slots,
      socketDir: join(root, 'ssh'),
      site: { partition: partitions[slots] ?? 'wide' },
      ...(path !== undefined && { path }),
    });
  return {
    root,
    open: async (slots) => open(slots),
    ...(files === 'copied' && { dirOf: ({ key }: JobRequest) => join(stateDir, 'runs', key) }),
    interruptedSubmits: (['before', 'after'] as const).map((moment) => ({
      name: `killed ${moment} sbatch`,
      run: async (request) => {
        const folder = join(root, `kill-${moment}`);
        mkdirSync(folder, { recursive: true });
        // The shell of the submit waits for sbatch: it ends as in a power failure of the login node.
        const real = execFileSync('sh', ['-c', 'command -v sbatch'], { encoding: 'utf8' }).trim();
        const lines = moment === 'before' ? 'cat > /dev/null' : `${real} "$@" > /dev/null`;
        const end = 'kill -9 $(ps -o ppid= -p $PPID) $PPID';
        writeFileSync(join(folder, 'sbatch'), `#!/bin/bash\n${lines}\n${end}\n`);
        chmodSync(join(folder, 'sbatch'), 0o755);
        await open(3, folder)
          .submit(request)
          .then(
            () => {
              throw new Error('the submit was not interrupted');
            },
            () => {},
          );
      },
    })),
    killSupervisor: async (key) => {
      const pids = execFileSync('pgrep', ['-f', 'slurm_script'], { encoding: 'utf8' }).trim().split('\n');
      const name = lab.slurm('squeue', '-h', '-n', key, '-o', '%A').trim();
      const own = pids.filter((pid) => jobIdOf(Number(pid)) === name);
      if (own.length === 0) throw new Error(`no batch script of ${key}`);
      for (const pid of own) process.kill(Number(pid), 'SIGKILL');
    },
    dispose: async () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function jobIdOf(pid: number): string | undefined {
  try {
    const text = execFileSync('cat', [`/proc/${pid}/environ`], { encoding: 'utf8' });
    return /(?:^|\0)SLURM_JOB_ID=(\d+)/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}
