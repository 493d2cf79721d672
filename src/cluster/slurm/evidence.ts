import { parseExit, parseTime } from '../exit.ts';
import { isJobKey } from '../job-request.ts';
import type { JobEvidence } from '../verdict.ts';
import type { FilePart } from './run-files.ts';

/** A job as Slurm lists it. */
export interface SlurmRow {
  jobId: string;
  /** Slurm's state, without its suffix: RUNNING, CANCELLED. */
  state: string;
  startedAt: Date | null;
  endedAt: Date | null;
  node: string | null;
  /** Why it waits or how it ended: Resources, NodeDown; null for none. */
  reason: string | null;
}

export interface Claim {
  jobId: string;
  startedAt: string;
}

/** All evidence that one poll found about a job. */
export interface Evidence extends JobEvidence<Claim> {
  /** Newest last; more than one only if a submit was cut short inside Slurm. */
  rows: SlurmRow[];
  /** Accounting's record of a job that squeue has forgotten. */
  past: SlurmRow[];
  /** End of the output of Slurm and the batch script. */
  log: string;
}

export interface Look {
  /** Time on the login node. */
  now: Date;
  /** By key; a key without records there is missing. */
  jobs: Map<string, Evidence>;
  /** Slurm's message when it did not answer; null when it did. */
  down: string | null;
  /** New content of the files that are followed. */
  parts: FilePart[];
}

/** Parses the answer of poll.sh. Jobs can write the files it shows: unreadable content counts as missing. */
export function parseLook(answer: string[][]): Look {
  const look: Look = { now: new Date(0), jobs: new Map(), down: null, parts: [] };
  const rows = new Map<string, SlurmRow[]>();
  const past = new Map<string, SlurmRow[]>();
  for (const [word, key = '', ...rest] of answer) {
    const text = rest.join('\t');
    const job = look.jobs.get(key);
    if (word === 'time') look.now = new Date(Number(key) * 1000);
    else if (word === 'down') look.down = [key, ...rest].join(' ') || 'no reason given';
    else if (word === 'row') add(rows, key, parseRow(text));
    else if (word === 'past') add(past, key, parsePast(text));
    else if (word === 'job') addJob(look, key, text);
    else if (word === 'part') look.parts.push(parsePart(key, rest));
    else if (job === undefined) continue;
    else if (word === 'id') job.isSubmitted = true;
    else if (word === 'without_dir') job.hasDir = false;
    else if (word === 'cancel') job.isCancelled = true;
    else if (word === 'claim') job.claim = parseClaim(text);
    else if (word === 'exit') job.exit = parseExit(parseObject(text));
    else if (word === 'stopped') job.stopped = parseExit({ ...parseObject(text), why: 'signal' });
    else if (word === 'seen') job.seenAt = parseEpoch(text);
    else if (word === 'log') job.log = text;
  }
  for (const [key, evidence] of look.jobs) {
    evidence.rows = rows.get(key) ?? [];
    evidence.past = past.get(key) ?? [];
  }
  return look;
}

/** `file, size, from, ended, bytes` */
function parsePart(key: string, [file = '', size, from, ended, bytes = '']: string[]): FilePart {
  return {
    ...{ key, file, size: Number(size), from: Number(from), ended: ended === '1' },
    bytes: Buffer.from(bytes, 'base64'),
  };
}

function addJob(look: Look, key: string, text: string): void {
  const record = parseObject(text);
  const submittedAt = parseTime(record?.submittedAt);
  if (!isJobKey(key) || record === undefined || submittedAt === null) return;
  const { dir, limitSeconds, memoryBytes } = record;
  look.jobs.set(key, {
    job: {
      key,
      dir: String(dir),
      submittedAt,
      limitSeconds: Number(limitSeconds),
      ...(typeof memoryBytes === 'number' && { memoryBytes }),
    },
    isSubmitted: false,
    hasDir: true,
    isCancelled: false,
    claim: null,
    exit: null,
    stopped: null,
    rows: [],
    past: [],
    seenAt: null,
    log: '',
  });
}

/** `jobid|state|start|end|node|reason`, times in epoch seconds or N/A. */
function parseRow(text: string): SlurmRow | null {
  const [jobId = '', state = '', start = '', end = '', node = '', ...reason] = text.split('|');
  return makeRow({ jobId, state, start, end, node, reason: reason.join('|') });
}

/** `jobid|state|start|end|nodes`; a cancelled job's state continues with `by UID`. */
function parsePast(text: string): SlurmRow | null {
  const [jobId = '', state = '', start = '', end = '', node = ''] = text.split('|');
  return makeRow({ jobId, state, start, end, node, reason: '' });
}

function makeRow({
  jobId,
  state,
  start,
  end,
  node,
  reason,
}: Record<'jobId' | 'state' | 'start' | 'end' | 'node' | 'reason', string>): SlurmRow | null {
  const [word = ''] = state.split(' ');
  if (!/^\d+$/.test(jobId) || !/^[A-Z_]+$/.test(word)) return null;
  return {
    jobId,
    state: word,
    startedAt: parseEpoch(start),
    endedAt: parseEpoch(end),
    node: /^[\w.-]+$/.test(node) && !/^none/i.test(node) ? node : null,
    reason: reason === '' || reason === 'None' ? null : reason.slice(0, 100),
  };
}

function parseClaim(text: string): Claim {
  const value = parseObject(text);
  return {
    jobId: String(value?.jobId ?? ''),
    startedAt: parseTime(value?.startedAt) ?? new Date(0).toISOString(),
  };
}

/** Undefined for anything but a JSON object. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function parseEpoch(text: string): Date | null {
  const seconds = Number(text);
  return text !== '' && Number.isFinite(seconds) && seconds > 0 ? new Date(seconds * 1000) : null;
}

function add(rows: Map<string, SlurmRow[]>, key: string, row: SlurmRow | null): void {
  if (row !== null) rows.set(key, [...(rows.get(key) ?? []), row]);
}
