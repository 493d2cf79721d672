import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { statusFd } from './render-command.ts';

export interface CommandRun {
  argv: string[];
  /** The whole environment: the bot's own holds secrets, and the code can read the one that a sandbox was started with. */
  env: Record<string, string>;
  input: string;
  wallMs: number;
  /** A longer answer ends the run. */
  answerBytes: number;
  /** Bytes kept of the end of its printed output. */
  printedBytes: number;
}

/** How a run ended. `missing`: the program does not exist. */
export interface CommandEnd {
  why: 'exit' | 'slow' | 'too_much' | 'missing';
  /** Exit code as in a shell: 128 plus the signal's number when a signal ended it; null when it was ended here. */
  code: number | null;
  answer: string;
  printed: string;
  /** A process of the run was still there after `goneMs`. It has never been seen, and no further run is allowed then. */
  survived: boolean;
}

/** Processes of a run must be gone this long after its end. */
const goneMs = 5000;

/**
 * Runs a command in a process group of its own, with bounded input and output through pipes, and ends the group at a
 * limit. Resolves when all its processes are gone.
 */
export async function runCommand(run: CommandRun): Promise<CommandEnd> {
  const [program = '', ...args] = run.argv;
  const child = spawn(program, args, {
    cwd: '/',
    env: run.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  let why: CommandEnd['why'] = 'exit';
  const end = (because: 'slow' | 'too_much'): void => {
    if (why !== 'exit') return;
    why = because;
    killGroup(child.pid);
  };
  const timer = setTimeout(end, run.wallMs, 'slow');
  const answer = keep(child.stdout, run.answerBytes, () => end('too_much'));
  const printed = keepLast(child.stderr, run.printedBytes);
  const first = watchFirst(child.stdio[statusFd] as Readable);
  // A program that ends before it has read all input is no error here: its answer shows how it ended.
  child.stdin.on('error', () => {});
  child.stdin.end(run.input);
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => {
      why = 'missing';
      resolve(null);
    });
    child.on('close', (exitCode, signal) => resolve(signal === null ? exitCode : null));
  });
  clearTimeout(timer);
  // Ends everything that the command has started, also after an ordinary exit.
  killGroup(child.pid);
  const survived = child.pid !== undefined && !(await isGone(child.pid, first()));
  return { why, code, answer: answer(), printed: printed(), survived };
}

/** Keeps at most `max` bytes; calls `onTooMuch` when there are more. */
function keep(stream: Readable, max: number, onTooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= max) chunks.push(chunk);
    else onTooMuch();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function keepLast(stream: Readable, max: number): () => string {
  let kept = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-max);
  });
  stream.on('error', () => {});
  return () => kept.toString('utf8');
}

/** A process by id and start time: ids are used again. */
interface Identity {
  pid: number;
  startTime: string;
}

/** Finds the sandbox's first process by its id on this machine: when it is gone, so are all processes inside. */
function watchFirst(status: Readable): () => Identity | null {
  let first: Identity | null = null;
  status.on('data', (chunk: Buffer) => {
    const found = /"child-pid": (\d+)/.exec(chunk.toString('utf8'))?.[1];
    const startTime = found === undefined ? null : startTimeOf(Number(found));
    if (startTime !== null) first ??= { pid: Number(found), startTime };
  });
  status.on('error', () => {});
  return () => first;
}

/** Field 22 of the process's stat; null when there is no such process, or only a zombie. */
function startTimeOf(pid: number): string | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

async function isGone(leader: number, first: Identity | null): Promise<boolean> {
  for (let waited = 0; waited < goneMs; waited += 20) {
    const isInside = first !== null && startTimeOf(first.pid) === first.startTime;
    if (!isInside && !isGroupThere(leader)) return true;
    await sleep(20);
  }
  return false;
}

function isGroupThere(leader: number): boolean {
  try {
    process.kill(-leader, 0);
    return true;
  } catch {
    return false;
  }
}
