import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pod } from './answers.ts';

/** The first container of a pod, as processes of this machine. */
export interface Container {
  /** Exit of its first process, once all processes of the container have ended; null while it runs. */
  readonly end: { exitCode: number; log: string } | null;
  signal(signal: 'SIGTERM'): void;
  /** Kills all its processes at once, as the kernel does with a control group. */
  kill(): void;
  /** Kills the first process alone. */
  killFirst(): void;
  residentBytes(): number;
}

const maxLogBytes = 2048;

/**
 * Starts the command of the pod's manifest, with the variables of a container. Its processes are found by a TMPDIR of
 * their own, whatever sessions they make: when the first one ends, so do the others, as in a pod.
 */
export function startContainer(pod: Pod): Container {
  const [spec] = pod.spec.containers;
  if (spec === undefined) throw new Error('a pod without a container');
  const scratch = mkdtempSync(join(tmpdir(), 'trex-pod-'));
  const environment: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: scratch,
    TMPDIR: scratch,
    HOSTNAME: pod.metadata.name,
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
    KUBERNETES_PORT_443_TCP_ADDR: '10.96.0.1',
  };
  for (const { name, value, valueFrom } of spec.env ?? [])
    environment[name] = value ?? fieldOf(pod, valueFrom?.fieldRef.fieldPath ?? '');
  const [program = '', ...args] = spec.command.map((word) => expand(word, environment));
  const first: ChildProcess = spawn(program, args, {
    ...{ cwd: '/', env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  let log = '';
  for (const stream of [first.stdout, first.stderr])
    stream?.on('data', (data: Buffer) => {
      log = (log + data).slice(-maxLogBytes);
    });
  let end: Container['end'] = null;
  const finish = (exitCode: number): void => {
    killAll(scratch);
    rmSync(scratch, { recursive: true, force: true });
    end = { exitCode, log };
  };
  first.once('error', ({ message }) => {
    log = message;
    finish(128);
  });
  first.once('exit', (code, signal) => finish(code ?? (signal === 'SIGTERM' ? 143 : 137)));
  return {
    get end() {
      return end;
    },
    signal: (signal) => void first.kill(signal),
    kill: () => killAll(scratch),
    killFirst: () => void first.kill('SIGKILL'),
    residentBytes: () => processesIn(scratch).reduce((sum, pid) => sum + residentBytesOf(pid), 0),
  };
}

/** `$(NAME)` becomes the variable where there is one, and `$$` becomes `$`. */
function expand(word: string, environment: Record<string, string>): string {
  return word.replaceAll(/\$\$|\$\(([A-Za-z_][\w.-]*)\)/g, (found, name?: string) =>
    name === undefined ? '$' : (environment[name] ?? found),
  );
}

function fieldOf({ metadata, spec }: Pod, path: string): string {
  if (path === 'metadata.name') return metadata.name;
  if (path === 'spec.nodeName') return spec.nodeName ?? '';
  throw new Error(`no field ${path}`);
}

/** Repeats until no process is left: one may have forked before it was killed. */
function killAll(scratch: string): void {
  for (let found = processesIn(scratch); found.length > 0; found = processesIn(scratch)) {
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone already
      }
    }
  }
}

/** Ids of its living processes; one that has ended shows no variables. */
function processesIn(scratch: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    return readProc(name, 'environ').includes(`TMPDIR=${scratch}\0`) ? [Number(name)] : [];
  });
}

const residentBytesOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readProc(String(pid), 'status'))?.[1] ?? 0) * 1024;

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
