import type { Clock } from '../lib/clock.ts';
import { asError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

/** Repeated work. Tests and simulations call `runOnce`, which never sleeps. */
export interface Loop {
  readonly name: string;
  /** One pass. An error is logged; the next pass begins at its usual time. */
  runOnce(): Promise<void>;
  start(): void;
  /** Begins the next pass at once, or right after the one that is under way. */
  wake(): void;
  /** Begins no further pass; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

export function createLoop(options: {
  name: string;
  /** Pause between the end of a pass and the next, milliseconds. */
  everyMs: number;
  clock: Clock;
  log: Log;
  pass: () => Promise<void>;
}): Loop {
  const { name, everyMs, clock, log, pass } = options;
  let running: Promise<void> | null = null;
  let stopping = false;
  let woken = false;
  let nap: AbortController | null = null;
  const runOnce = async (): Promise<void> => {
    try {
      await pass();
    } catch (error) {
      log.error({ err: asError(error), loop: name }, 'loop.pass_failed');
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping) {
      woken = false;
      await runOnce();
      if (stopping || woken) continue;
      nap = new AbortController();
      await clock.sleep(everyMs, nap.signal);
      nap = null;
    }
  };
  return {
    name,
    runOnce,
    start: () => {
      running ??= run();
    },
    wake: () => {
      woken = true;
      nap?.abort();
    },
    stop: async () => {
      stopping = true;
      nap?.abort();
      await running;
    },
  };
}
