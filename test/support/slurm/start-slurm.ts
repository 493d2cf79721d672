import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from './find-slurm.ts';
import { gresConf, slurmConf, sshConfig, sshdConfig } from './slurm-files.ts';

export interface SlurmOptions {
  /** Seconds after which Slurm forgets a job that has ended; unset is an hour. */
  minJobAgeSeconds?: number;
}

/** A real cluster on loopback: a controller, two nodes with two fake GPUs each, munge and an ssh server. */
export interface SlurmLab {
  dir: string;
  /** Environment of `sbatch` and the other commands. */
  environment: { SLURM_CONF: string };
  /** File for `ssh -F`; the host in it is `login`. */
  sshConfig: string;
  /** Runs a Slurm command on the cluster. */
  slurm(program: string, ...args: string[]): string;
  stopController(signal?: NodeJS.Signals): Promise<void>;
  startController(): Promise<void>;
  /** SIGKILL: the node does not answer any more; its jobs go on. */
  killNode(name: 'n1' | 'n2'): Promise<void>;
  startNode(name: 'n1' | 'n2'): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a cluster as root, in a folder of its own. All daemons listen on 127.0.0.1 only. They stay in the foreground as
 * children of this process, so that none is left when it ends.
 */
export async function startSlurm({ minJobAgeSeconds = 3600 }: SlurmOptions = {}): Promise<SlurmLab> {
  const dir = mkdtempSync('/tmp/trex-slurm-');
  chmodSync(dir, 0o755);
  for (const folder of ['etc', 'log', 'run', 'state', 'spool/n1', 'spool/n2', 'dev', 'munge', 'ssh'])
    mkdirSync(join(dir, folder), { recursive: true, mode: 0o755 });
  chmodSync(join(dir, 'munge'), 0o711);
  const path = (name: string): string => join(dir, name);
  const environment = { SLURM_CONF: path('etc/slurm.conf') };
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C', ...environment };
  const [controllerPort, n1Port, n2Port, sshPort] = (await freePorts(4)) as [number, number, number, number];
  const nodePorts = { n1: n1Port, n2: n2Port };

  writeFileSync(path('munge/munge.key'), randomBytes(128), { mode: 0o600 });
  for (let gpu = 0; gpu < 4; gpu++)
    execFileSync('mknod', [path(`dev/nvidia${gpu}`), 'c', '195', String(gpu)]);
  writeFileSync(path('etc/gres.conf'), gresConf(dir));
  writeFileSync(
    path('etc/slurm.conf'),
    slurmConf({
      dir,
      host: hostname().split('.')[0] as string,
      controllerPort,
      nodePorts,
      memoryMib: Math.floor(totalmem() / 2 ** 20 / 2) - 256,
      minJobAgeSeconds,
    }),
  );
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path(`ssh/${name}`)]);
  writeFileSync(path('ssh/authorized'), readFileSync(path('ssh/user.pub')), { mode: 0o600 });
  const hostKey = readFileSync(path('ssh/host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(path('ssh/known'), `[127.0.0.1]:${sshPort} ${hostKey}\n`);
  writeFileSync(path('ssh/sshd_config'), sshdConfig({ dir, port: sshPort, environment }));
  writeFileSync(path('ssh/config'), sshConfig({ dir, port: sshPort }));

  const daemons = new Map<string, ChildProcess>();
  const start = (name: string, program: string, ...args: string[]): void => {
    const log = openSync(path(`log/${name}.out`), 'a');
    const child = spawn(findProgram(program) ?? program, args, { env, stdio: ['ignore', log, log] });
    closeSync(log);
    daemons.set(name, child);
  };
  const end = async (name: string, signal: NodeJS.Signals): Promise<void> => {
    const child = daemons.get(name);
    daemons.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const patience = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(patience);
  };
  const slurm = (program: string, ...args: string[]): string =>
    execFileSync(program, args, {
      env,
      encoding: 'utf8',
      timeout: 30_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const succeeds = (program: string, ...args: string[]): boolean => {
    try {
      slurm(program, ...args);
      return true;
    } catch {
      return false;
    }
  };
  const until = async (what: string, isDone: () => boolean): Promise<void> => {
    for (const giveUp = Date.now() + 20_000; !isDone(); await sleep(50)) {
      if (Date.now() > giveUp) throw new Error(`${what} did not happen; see ${path('log')}`);
    }
  };
  const isUp = (name: string): boolean => {
    try {
      return /^(idle|mixed|allocated)$/m.test(slurm('sinfo', '-h', '-N', '-n', name, '-o', '%T'));
    } catch {
      return false;
    }
  };

  const lab: SlurmLab = {
    dir,
    environment,
    sshConfig: path('ssh/config'),
    slurm,
    stopController: (signal = 'SIGTERM') => end('slurmctld', signal),
    startController: async () => {
      start('slurmctld', 'slurmctld', '-D');
      await until('the start of the controller', () => succeeds('scontrol', 'ping') && isUp('n1'));
    },
    killNode: (name) => end(name, 'SIGKILL'),
    startNode: async (name) => {
      start(name, 'slurmd', '-D', '-N', name);
      await until(`the start of the node ${name}`, () => isUp(name));
    },
    stop: async () => {
      if (daemons.has('slurmctld') && succeeds('scancel', '--state=PENDING', '--user=root')) {
        succeeds('scancel', '--signal=KILL', '--full', '--user=root');
        await until('the end of all jobs', () => slurm('squeue', '-h').trim() === '').catch(() => {});
      }
      // Connections that clients keep open outlive the server that took them.
      const connections = childrenOf(daemons.get('sshd')?.pid);
      for (const name of ['n1', 'n2', 'slurmctld', 'sshd', 'munged']) await end(name, 'SIGTERM');
      for (const pid of connections) {
        try {
          process.kill(pid, 'SIGTERM');
        } catch {
          // It ended with the server.
        }
      }
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };

  try {
    const socket = path('munge/munge.socket');
    start(
      'munged',
      'munged',
      '--foreground',
      '--force',
      `--socket=${socket}`,
      `--key-file=${path('munge/munge.key')}`,
      `--pid-file=${path('munge/munged.pid')}`,
      `--seed-file=${path('munge/munged.seed')}`,
      `--log-file=${path('munge/munged.log')}`,
    );
    // The ssh server separates privileges in this folder, and refuses to start without it.
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    start('sshd', 'sshd', '-D', '-e', '-f', path('ssh/sshd_config'));
    await until('the start of munge', () => succeeds('munge', '-n', '-S', socket));
    start('n1', 'slurmd', '-D', '-N', 'n1');
    start('n2', 'slurmd', '-D', '-N', 'n2');
    await lab.startController();
    await until('the start of both nodes', () => isUp('n1') && isUp('n2'));
    return lab;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

function childrenOf(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
  } catch {
    return [];
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) server.close();
  return ports;
}
