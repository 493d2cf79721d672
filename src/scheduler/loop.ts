import type { Clock } from '../lib/clock.ts';
import { asError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

/** A thing done again and again. Tests and simulations call `runOnce`; nothing in it sleeps. */
export interface Loop {
  readonly name: string;
  /** One pass. An error is logged and the next pass comes at its time. */
  runOnce(): Promise<void>;
  start(): void;
  /** Has the next pass begin at once, or right after the one that is under way. */
  wake(): void;
  /** Resolves when the pass that is under way has ended; no other begins. */
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
