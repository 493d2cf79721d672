import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TrexError } from '../../lib/errors.ts';
import { capitalise } from '../../lib/text.ts';

/** A machine on which Slurm's commands work. */
export interface Shell {
  /** For people: `the login node cluster.example.org`. */
  readonly place: string;
  /**
   * Runs a bash script there. `input` follows the script on its standard input; `take` gets the output as a stream, and
   * without it the whole output is returned.
   * @throws TrexError with fault `cluster` when the machine cannot be reached or does not answer in time
   */
  run(script: string, streams?: ShellStreams): Promise<Buffer>;
}

export interface ShellStreams {
  /** Opened when the process is there to read it. */
  input?: () => Readable;
  take?: (output: Readable) => Promise<void>;
  /** Unset is 2 minutes. */
  timeoutMs?: number;
}

const defaultTimeoutMs = 120_000;
const maxErrorCharacters = 300;

/** bash on this machine, which is the login node itself. */
export function createLocalShell(environment: Record<string, string>): Shell {
  const place = 'this machine';
  return {
    place,
    run: (script, streams) => runBash({ command: ['bash', '-s'], environment, place }, script, streams),
  };
}

/** Runs a command that is a bash reading its script from standard input. */
export async function runBash(
  { command, environment, place }: { command: string[]; environment: Record<string, string>; place: string },
  script: string,
  { input, take, timeoutMs = defaultTimeoutMs }: ShellStreams = {},
): Promise<Buffer> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const chunks: Buffer[] = [];
  let errors = '';
  child.stderr.on('data', (data: Buffer) => {
    errors = (errors + data).slice(-10 * maxErrorCharacters);
  });
  // A process that ends early closes its input; its exit code says more.
  child.stdin.on('error', () => {});
  child.stdin.write(script);
  const fed = input === undefined ? child.stdin.end() : pipeline(input(), child.stdin).catch(() => {});
  const taken = take?.(child.stdout) ?? collect(child.stdout, chunks);
  try {
    // NOTE: not `close`: an ssh master in the background may hold the pipes.
    const [code] = await Promise.all([exitOf(child), taken, fed]);
    if (isLate) {
      throw new TrexError(
        'cluster_slow',
        'cluster',
        `${capitalise(place)} did not answer in ${timeoutMs / 1000} s.`,
      );
    }
    if (code === 0) return Buffer.concat(chunks);
    throw new TrexError(
      'cluster_unreachable',
      'cluster',
      `${capitalise(place)} cannot be used (exit code ${code ?? 'none'}): ${lastLines(errors) || 'it printed no reason'}`,
    );
  } catch (error) {
    if (error instanceof TrexError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const text = code === 'ENOENT' ? `${program} is not installed` : message;
    throw new TrexError('cluster_unreachable', 'cluster', `${capitalise(place)} cannot be used: ${text}.`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    if (child.exitCode === null) child.kill('SIGKILL');
  }
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code));
  });
}

async function collect(stream: Readable, chunks: Buffer[]): Promise<void> {
  for await (const chunk of stream) chunks.push(chunk as Buffer);
}

const lastLines = (text: string): string =>
  text
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '')
    .slice(-2)
    .join(' / ')
    .slice(-maxErrorCharacters);
