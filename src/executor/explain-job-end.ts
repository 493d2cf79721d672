import type { Failure } from '../campaign/failure.ts';
import type { Stop } from '../campaign/run-watch.ts';
import type { Fault } from '../lib/errors.ts';
import type { ReadRunFile } from './engine.ts';
import { usefulLines } from './useful-lines.ts';

interface EndedJob {
  clusterState: string | null;
  reason: string | null;
  exitCode: number | null;
  runSeconds: number;
  limitSeconds: number;
  cancelBecause: string | null;
  /** Why we ended it, or never submitted it. */
  stop: Stop | null;
}

/**
 * Why a job gave no result, in one sentence, and whose fault it is. The run's own report counts first, then our reason
 * to end it, then the cluster's report. The first useful lines are kept for people: the run's own, or else of its log.
 */
export async function explainJobEnd({
  job,
  own,
  read,
}: {
  job: EndedJob;
  own: Failure | null;
  read: ReadRunFile;
}): Promise<Failure> {
  const log = await firstLines(read);
  // A run that is stopped reports only that it was; who stopped it, and why, is known here.
  const wasStopped = own?.code === 'cancelled' && (job.clusterState === 'timeout' || job.stop !== null);
  // A full disk shows as the error of any write.
  if (own !== null && noRoom.test(own.message))
    return {
      ...{ code: 'disk_full', fault: 'cluster', log: [] },
      message: `It could not write what it had to: ${own.message}`,
    };
  const isForeign =
    own?.code === 'cancelled' &&
    (job.clusterState === 'failed' || job.clusterState === 'lost') &&
    job.cancelBecause === null;
  if (own !== null && !wasStopped && !isForeign) return own.log.length > 0 ? own : { ...own, log };
  if (job.stop !== null && job.clusterState !== 'out_of_memory') return { ...job.stop, log };
  const make = (code: string, fault: Fault, message: string): Failure => ({ code, fault, message, log });
  const seconds = Math.round(job.runSeconds);
  switch (job.clusterState) {
    case 'timeout':
      return make(
        'over_ceiling',
        'config',
        `reached its ceiling of ${Math.round(job.limitSeconds)} s and was stopped.`,
      );
    case 'out_of_memory':
      return make(
        'out_of_memory',
        'config',
        job.reason ?? 'The cluster stopped it for using too much memory.',
      );
    case 'cancelled':
      return make(
        'cancelled',
        'user',
        job.cancelBecause ?? job.reason ?? `It was cancelled from outside after ${seconds} s.`,
      );
    case 'lost':
      return make('lost', 'cluster', job.reason ?? `The cluster lost it after ${seconds} s.`);
    case 'failed': {
      const why = job.reason === null ? '' : `: ${job.reason}`;
      if (isForeign)
        return make('killed', 'cluster', `It was told to stop from outside after ${seconds} s, and did.`);
      if (job.runSeconds === 0 && job.exitCode === null)
        return make('not_started', 'cluster', job.reason ?? 'The cluster could not start it.');
      const code = noRoom.test(why) ? 'disk_full' : isKilled(job) ? 'killed' : 'crashed';
      return make(code, 'cluster', `The training process was ended after ${seconds} s${why}`);
    }
    case 'succeeded':
      return make('no_result', 'ours', 'It ended well but left no result file.');
    default:
      return make('not_started', 'ours', job.reason ?? 'It could not be started.');
  }
}

const noRoom = /ENOSPC|EDQUOT|No space left|[Qq]uota exceeded|disk of its run directory is full/;

/** Whether a signal ended the job; a shell or container in between turns SIGKILL and SIGTERM into an exit code. */
const isKilled = ({ exitCode }: EndedJob): boolean =>
  exitCode === null || exitCode === 128 + 9 || exitCode === 128 + 15;

async function firstLines(read: ReadRunFile): Promise<string[]> {
  const logs: string[] = [];
  for (const name of ['err.log', 'out.log']) {
    const text = await read(name).catch(() => null);
    if (text !== null && text.trim() !== '') logs.push(text);
  }
  const useful = logs.map(usefulLines);
  return (useful.find(({ isComplaint }) => isComplaint) ?? useful[0])?.lines ?? [];
}
