import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import { asError, TrexError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { type SandboxLimits, sandboxLimits } from './limits.ts';
import { moduleText } from './module-text.ts';
import type { Sandbox, SandboxJob } from './port.ts';
import { probeSandbox } from './probe.ts';
import { renderCommand, type SandboxKind } from './render-command.ts';
import { renderFilter } from './render-filter.ts';
import { type CommandEnd, runCommand } from './run-command.ts';

export interface SandboxOptions {
  sandbox: SandboxKind;
  python: string;
  /** A folder of the bot, for the files of the probe. */
  dir: string;
  limits?: SandboxLimits;
  /** Folders with the sandbox's program, as in PATH. */
  searchPath?: string;
  clock: Clock;
  log: Log;
}

/** A failed probe is repeated after this long: the machine may have been too busy, or somebody has repaired it. */
const probeAgainMs = 10 * 60_000;
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const Failed = z.object({
  failed: z.object({ row: z.int(), error: z.string().max(400), line: z.int().nullable() }),
});

export function createSandbox(options: SandboxOptions): Sandbox {
  const { sandbox, python, dir, limits = sandboxLimits, searchPath = systemPath, clock, log } = options;
  const driver = moduleText('driver.py');
  const filter = renderFilter(process.arch);
  /** The last job in the queue: one runs at a time, because the limits are meant for one. */
  let last: Promise<unknown> = Promise.resolve();
  let probed: { problem: string | null; at: number } | null = null;
  /** Set for good when a process outlived its run: then the sandbox cannot be trusted any more. */
  let isBroken = false;

  const runWithin = async ({ code, seed, rows }: SandboxJob, within: SandboxLimits): Promise<string> => {
    if (isBroken) throw broken('something in it was still running after its end');
    if (filter === null) throw broken(`there is no filter of system calls for ${process.arch}`);
    const isRoot = process.getuid?.() === 0;
    const fair = within.answerFactor * Buffer.byteLength(rows) + within.answerBytes;
    const answerBytes = Math.min(fair, within.maxAnswerBytes);
    const end = await runCommand({
      argv: renderCommand({ sandbox, python, driver, limits: within, isRoot }),
      // Container programs look for their settings at home.
      env: { PATH: searchPath, ...(sandbox.kind === 'container' ? { HOME: homedir() } : {}) },
      input: `${JSON.stringify({ code, seed, limits: resourceLimits(within), filter: filter.toString('hex') })}\n${rows}`,
      wallMs: within.wallMs,
      answerBytes,
      printedBytes: within.printedBytes,
    });
    if (end.survived) {
      isBroken = true;
      log.error({}, 'sandbox.outlived');
      throw broken('something in it was still running after its end');
    }
    return answerOf(end, within, answerBytes);
  };

  const queued = <T>(job: () => Promise<T>): Promise<T> => {
    const mine = last.then(job, job);
    last = mine.catch(() => {});
    return mine;
  };

  const probe = async (): Promise<string | null> => {
    try {
      await mkdir(dir, { recursive: true });
      const found = await probeSandbox(runWithin, limits, dir);
      return found.length === 0
        ? null
        : `The sandbox does not hold on this machine: code in it could ${found.join(', ')}.`;
    } catch (error) {
      log.warn({ err: asError(error) }, 'sandbox.probe_failed');
      if (error instanceof TrexError && error.fault === 'config') return error.message;
      return 'The sandbox could not be tried out; the log says why.';
    }
  };

  return {
    terms: termsOf(limits),
    problem: async () => {
      // A known success is returned without queueing behind a run of another campaign's code.
      if (probed?.problem === null && !isBroken) return null;
      return queued(async () => {
        const now = clock.now().getTime();
        if (isBroken || probed === null || (probed.problem !== null && now - probed.at >= probeAgainMs)) {
          probed = { problem: await probe(), at: now };
          if (probed.problem !== null) log.warn({ problem: probed.problem }, 'sandbox.refused');
        }
        return probed.problem;
      });
    },
    run: (job) => queued(() => runWithin(job, limits)),
  };
}

/** The limits under the names of Python's `resource`. */
const resourceLimits = (limits: SandboxLimits): Record<string, number> => ({
  RLIMIT_AS: limits.memoryBytes,
  RLIMIT_CPU: limits.cpuSeconds,
  RLIMIT_FSIZE: limits.fileBytes,
  RLIMIT_NOFILE: limits.openFiles,
  RLIMIT_NPROC: limits.processes,
  RLIMIT_CORE: 0,
});

const termsOf = ({ wallMs, memoryBytes, folderBytes }: SandboxLimits): string =>
  `It runs where it has no network, no keys, no file of this machine and nothing to write to but an empty folder of its own, with at most ${wallMs / 1000} s, ${memoryBytes / 2 ** 20} MB of memory, ${folderBytes / 2 ** 20} MB of files and one process. It gets the training rows, and rows are all that comes out.`;

/**
 * The lines that the driver wrote.
 * @throws TrexError
 */
function answerOf(end: CommandEnd, limits: SandboxLimits, answerBytes: number): string {
  if (end.why === 'slow')
    throw new TrexError('python_slow', 'data', `Its code did not end within ${limits.wallMs / 1000} s.`);
  if (end.why === 'too_much')
    throw new TrexError(
      'python_output',
      'data',
      `Its code gave more than ${Math.ceil(answerBytes / 1e6)} MB for what it was given.`,
    );
  if (end.why === 'missing' || end.code !== 0) throw failureOf(end, limits);
  const start = end.answer.lastIndexOf('\n', end.answer.length - 2) + 1;
  const failed = Failed.safeParse(parseJson(end.answer.slice(start)));
  if (!failed.success) return end.answer;
  const { row, error, line } = failed.data.failed;
  const where = row === 0 ? 'before the first row' : `on row ${row}`;
  const what =
    error === 'MemoryError' ? `it needs more than ${limits.memoryBytes / 2 ** 20} MB` : oneLine(error);
  throw new TrexError(
    'python_failed',
    'data',
    `Its code failed ${where}: ${what}${line === null ? '' : ` (line ${line})`}.`,
  );
}

/** The error of a process that ended without a result: it exited, hit a limit, or the sandbox did not start. */
function failureOf(end: CommandEnd, limits: SandboxLimits): TrexError {
  if (end.why === 'missing' || /failed to execute bwrap/.test(end.printed))
    return new TrexError(
      'sandbox_missing',
      'config',
      'The sandbox cannot be started: its program is not there. For bwrap install the package bubblewrap, 0.8 or later.',
    );
  if (end.answer === '' && /^(?:bwrap|setpriv|env):/m.test(end.printed))
    return broken(oneLine(end.printed).slice(-300));
  if (end.code === 137)
    return new TrexError(
      'python_slow',
      'data',
      `Its code was killed: it used ${limits.cpuSeconds} s of processor time, or this machine ran out of memory.`,
    );
  return new TrexError('python_failed', 'data', 'Its code ended Python itself, so there are no rows of it.');
}

const broken = (why: string): TrexError =>
  new TrexError('sandbox_failed', 'config', `The sandbox does not work on this machine: ${why}`);

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
