import { setImmediate } from 'node:timers/promises';
import { JobFailure } from './outcome.ts';

const longestStretchMs = 40;

/** Handles signals when 40 ms have passed since the last time. @throws JobFailure (cancelled) once the signal aborted. */
export type Pause = () => Promise<void>;

export function createPause(signal: AbortSignal): Pause {
  let lastMs = performance.now();
  return async () => {
    if (performance.now() - lastMs >= longestStretchMs) {
      await setImmediate();
      lastMs = performance.now();
    }
    if (signal.aborted) throw new JobFailure('cancelled', 'The job was cancelled by a signal.');
  };
}
