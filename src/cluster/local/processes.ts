import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A unique identity of a process: a pid alone is reused, and after a restart of the machine it means nothing. */
export interface ProcessIdentity {
  pid: number;
  /** Linux: start in clock ticks since boot; elsewhere: start as ps prints it. */
  start: string;
  /** Identity of this boot of the machine. */
  boot: string;
}

export interface ProcessRow {
  pid: number;
  ppid: number;
  pgid: number;
  start: string;
  /** Ended, but not yet reaped by its parent: counts as gone. */
  zombie: boolean;
}

const isLinux = process.platform === 'linux';
let boot: string | undefined;

/** The same text until the machine restarts. */
export function bootId(): string {
  boot ??= isLinux
    ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    : execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim();
  return boot;
}

export function ownIdentity(): ProcessIdentity {
  const identity = identify(process.pid);
  if (identity === undefined) throw new Error('this process is missing from the process table');
  return identity;
}

/** Undefined when no such process lives. */
export function identify(pid: number): ProcessIdentity | undefined {
  const row = findProcess(pid);
  return row && !row.zombie ? { pid, start: row.start, boot: bootId() } : undefined;
}

export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.boot !== bootId()) return false;
  const row = findProcess(identity.pid);
  return row !== undefined && !row.zombie && row.start === identity.start;
}

/** Every process of this machine. 2 ms for 150 processes on Linux. */
export function listProcesses(): ProcessRow[] {
  if (!isLinux) return readPs(['-A']);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProc(Number(name)))
    .filter((row) => row !== undefined);
}

function findProcess(pid: number): ProcessRow | undefined {
  return isLinux ? readProc(pid) : readPs(['-p', String(pid)])[0];
}

/** Fields by proc_pid_stat(5), counted after the last ')' because a program's name may hold anything. */
function readProc(pid: number): ProcessRow | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = 'X', ppid, pgid] = fields;
  return {
    pid,
    ppid: Number(ppid),
    pgid: Number(pgid),
    start: fields[19] ?? '',
    zombie: state === 'Z' || state === 'X',
  };
}

/** macOS and the BSDs. LC_ALL=C: `lstart` is part of an identity and must not change with the language. */
export function readPs(selection: string[]): ProcessRow[] {
  let text: string;
  try {
    text = execFileSync('ps', [...selection, '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      maxBuffer: 16 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [pid, ppid, pgid, stat, ...start] = line.trim().split(/\s+/);
    if (!pid || !stat) return [];
    return [
      {
        pid: Number(pid),
        ppid: Number(ppid),
        pgid: Number(pgid),
        start: start.join(' '),
        zombie: stat.startsWith('Z'),
      },
    ];
  });
}

/** Resident bytes of these processes together; shared pages count once for each. */
export function residentBytes(rows: ProcessRow[]): number {
  if (rows.length === 0) return 0;
  if (isLinux) return rows.reduce((sum, { pid }) => sum + residentKib(pid) * 1024, 0);
  try {
    const text = execFileSync('ps', ['-o', 'rss=', '-p', rows.map(({ pid }) => pid).join(',')], {
      encoding: 'utf8',
    });
    return text.split('\n').reduce((sum, line) => sum + Number(line) * 1024, 0);
  } catch {
    return 0;
  }
}

function residentKib(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * The living processes of a job: the group of its first process, everything that descends from the group (a trainer may
 * give each worker a session of its own), and earlier finds whose parents have since ended.
 * @param leader the job's first process, alive or not
 * @param earlier pid -> start of processes found before
 */
export function processesOfJob(
  table: ProcessRow[],
  leader: ProcessIdentity,
  earlier: ReadonlyMap<number, string> = new Map(),
): ProcessRow[] {
  if (leader.boot !== bootId()) return [];
  const holder = table.find(({ pid }) => pid === leader.pid);
  // NOTE: a group's number is not reused while the group has members, so another holder proves it empty.
  const groupIsOurs = holder === undefined || holder.start === leader.start;
  const children = new Map<number, ProcessRow[]>();
  for (const row of table) children.set(row.ppid, [...(children.get(row.ppid) ?? []), row]);
  const found = new Map<number, ProcessRow>();
  const add = (row: ProcessRow): void => {
    if (found.has(row.pid)) return;
    found.set(row.pid, row);
    for (const child of children.get(row.pid) ?? []) add(child);
  };
  for (const row of table) {
    if ((groupIsOurs && row.pgid === leader.pid) || earlier.get(row.pid) === row.start) add(row);
  }
  return [...found.values()].filter(({ zombie }) => !zombie);
}

/** Signals the group in one call, which no fork can slip through, then the processes outside it one by one. */
export function signalJob(rows: ProcessRow[], leader: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (rows.some(({ pgid }) => pgid === leader.pid)) send(-leader.pid, signal);
  for (const { pid, pgid } of rows) if (pgid !== leader.pid) send(pid, signal);
}

function send(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH: it has ended already. EPERM: macOS answers this for a group of zombies. The process table is the proof.
  }
}
