import { randomBytes } from 'node:crypto';
import { TrexError } from '../../lib/errors.ts';
import { TurnedAwayError } from '../port.ts';
import { notNow } from './refusals.ts';
import { type CallValues, renderCall } from './render-call.ts';
import type { Shell, ShellStreams } from './shell.ts';

export interface LoginNode {
  shell: Shell;
  /** As for scp, where files are copied from: `me@login.example.org`; null: this machine. */
  host: string | null;
  /** Absolute folder of all records on the login node. */
  stateDir: string;
  /** Folder with Slurm's commands; null where the login node finds them by itself. */
  path: string | null;
}

/**
 * Runs one of our scripts on the login node.
 * @returns its answer, one array of fields a line; output of login files before it is left out
 * @throws TrexError: `cluster` for a failure that may pass, `config` for a permanent one; TurnedAwayError where people
 * have to change something first
 */
export async function call(
  node: LoginNode,
  name: Parameters<typeof renderCall>[0],
  values: CallValues,
  streams: Omit<ShellStreams, 'take'> = {},
): Promise<string[][]> {
  const mark = newMark();
  const output = await node.shell.run(renderCall(name, { ...commonValues(node, mark), ...values }), streams);
  const text = output.toString('utf8');
  const start = text.indexOf(`${mark}\n`);
  if (start < 0) {
    throw new TrexError(
      'cluster_unreachable',
      'cluster',
      `${node.shell.place} gave no answer; is bash there?`,
    );
  }
  const lines = text.slice(start + mark.length + 1).split('\n');
  const answer = lines.filter((line) => line !== '').map((line) => line.split('\t'));
  const failure = answer.find(([word]) => word === 'fail');
  if (failure) throw failureOf(node, failure[1] ?? '', failure.slice(2).join(' '));
  return answer;
}

export const newMark = (): string => `trex-${randomBytes(8).toString('hex')}`;

export const commonValues = (node: LoginNode, mark: string): CallValues => ({
  mark,
  state: node.stateDir,
  path: node.path ?? '',
});

/** Slurm's own message, line by line, without the program's name in front; it holds nothing secret. */
function failureOf(node: LoginNode, code: string, text: string): TrexError {
  const words = text
    .split(/\s*\b(?:sbatch|squeue|scancel|slurm_load_jobs)(?: error)?: (?:error: )?/)
    .filter((line) => line.trim() !== '')
    .join('; ')
    .trim();
  const said = words === '' ? 'it gave no reason' : words.slice(0, 300);
  const { place } = node.shell;
  switch (code) {
    case 'slurm':
      return /not found|No such file/.test(text)
        ? new TurnedAwayError(
            'slurm_missing',
            `Slurm's commands are not on the PATH of ${place}: ${said}. Set TREX_SLURM_PATH to their folder.`,
          )
        : new TrexError('slurm_down', 'cluster', `Slurm does not answer on ${place}: ${said}`);
    case 'refused':
      return new TrexError('slurm_refused', 'config', `Slurm refused the job: ${said}`);
    case 'not_now':
      return notNow(said, place);
    case 'disk_full':
      return /No space left|quota/i.test(text)
        ? new TrexError('disk_full', 'cluster', `The disk for run directories on ${place} is full: ${said}`)
        : new TurnedAwayError(
            'state_unwritable',
            `The folder ${node.stateDir} on ${place} cannot be written: ${said}`,
          );
    case 'disk':
      return new TrexError(
        'files_unusable',
        'cluster',
        `A file of a job cannot be used on ${place}: ${said}`,
      );
    case 'busy':
      return new TrexError('submit_busy', 'cluster', `Another bot is handing in the job ${text} just now.`);
    case 'no_folder':
      return new TrexError('no_run_directory', 'cluster', `The folder ${said} does not exist on ${place}.`);
    default:
      return new TrexError('cluster_failed', 'cluster', `${place} answered ${code}: ${said}`);
  }
}
