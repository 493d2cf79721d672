import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { statusFd } from './render-command.ts';

export interface CommandRun {
  argv: string[];
  /** All of it: the bot's own holds its secrets, and what a sandbox was started with can be read from within. */
  env: Record<string, string>;
  input: string;
  wallMs: number;
  /** More of an answer ends the run. */
  answerBytes: number;
  /** Kept of what it prints: the last so many bytes. */
  printedBytes: number;
}

/** How a run ended. `missing`: there is no such program. */
export interface CommandEnd {
  why: 'exit' | 'slow' | 'too_much' | 'missing';
  /** As a shell counts: 128 and the signal's number where a signal ended it; null where it was ended here. */
  code: number | null;
  answer: string;
  printed: string;
  /** Something of it was still there when it should have been gone: never so far, and then nothing more may run. */
  survived: boolean;
}

/** After the end, its processes are looked for until then. */
const goneMs = 5000;

/**
 * Runs a command in a process group of its own, its input and output through pipes and bounded, and ends the group at the
 * limit. Resolves when all of it is gone.
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
  // A program that ends before it has read everything is no error: its answer says what became of it.
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
  // Whatever it has started goes with it, also after an ordinary end.
  killGroup(child.pid);
  const survived = child.pid !== undefined && !(await isGone(child.pid, first()));
  return { why, code, answer: answer(), printed: printed(), survived };
}

/** Bytes up to `most`, and then no more of them. */
function keep(stream: Readable, most: number, onTooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= most) chunks.push(chunk);
    else onTooMuch();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function keepLast(stream: Readable, most: number): () => string {
  let kept = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-most);
  });
  stream.on('error', () => {});
  return () => kept.toString('utf8');
}

/** A process by more than its number, which is given again when it is gone. */
interface Identity {
  pid: number;
  startTime: string;
}

/** The sandbox's first process, as this machine numbers it: when it is gone, so is everything in there. */
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

/** Field 22 of its stat; null when there is no such process, or only what is left of one. */
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
    // It is gone already.
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
