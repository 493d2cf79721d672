import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { asError } from '../../../lib/errors.ts';
import { writeAtomicallySync } from '../../../lib/write-atomically.ts';
import { parseJob } from './job.ts';
import type { PartialResult } from './outcome.ts';
import { exitCodes, JobFailure, type NanoResult } from './outcome.ts';
import { createPause } from './pause.ts';
import { runJob } from './run-job.ts';

/** Runs the job in `folder`, writes result.json and returns the exit code. Never throws. */
export async function runWorker(folder: string | undefined, signal: AbortSignal): Promise<number> {
  if (!folder || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    process.stderr.write('usage: worker.ts <job-dir>: a folder that holds job.json\n');
    return exitCodes.bad_job;
  }
  const partial: PartialResult = {};
  let ending: Pick<NanoResult, 'outcome' | 'message'>;
  try {
    const pause = createPause(signal);
    const message = await runJob(readJob(join(folder, 'job.json')), folder, partial, pause);
    ending = { outcome: 'ok', message };
  } catch (error) {
    ending = endingOf(error, partial);
    if (ending.outcome === 'crashed') process.stderr.write(`${asError(error).stack}\n`);
  }
  const cpu = process.cpuUsage();
  const result: NanoResult = {
    v: 1,
    ...ending,
    ...partial,
    cpuSeconds: Number(((cpu.user + cpu.system) / 1e6).toFixed(3)),
    wallSeconds: Number(process.uptime().toFixed(3)),
  };
  writeAtomicallySync(join(folder, 'result.json'), `${JSON.stringify(result)}\n`);
  return exitCodes[ending.outcome];
}

function readJob(path: string): ReturnType<typeof parseJob> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new JobFailure('bad_job', `I cannot read job.json: ${asError(error).message}.`, { cause: error });
  }
  return parseJob(value);
}

function endingOf(error: unknown, partial: PartialResult): Pick<NanoResult, 'outcome' | 'message'> {
  if (!(error instanceof JobFailure))
    return { outcome: 'crashed', message: `It crashed: ${asError(error).message}` };
  const { outcome, message } = error;
  if (outcome !== 'cancelled' || partial.steps === undefined) return { outcome, message };
  return { outcome, message: `${message.slice(0, -1)} at step ${partial.step} of ${partial.steps}.` };
}
