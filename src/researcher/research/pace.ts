import type { Clock } from '../../lib/clock.ts';

/** Requests to one service, one at a time and no closer than its gap. */
export interface Pace {
  /** Runs `work` when it is its turn. Waiting ends early when `signal` aborts; the work then finds it aborted. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Nothing begins before this much time has passed. */
  holdMs(ms: number): void;
}

export function createPace(clock: Clock, gapMs: number): Pace {
  let last: Promise<unknown> = Promise.resolve();
  let freeAt = 0;
  return {
    run: (work, signal) => {
      const turn = last.then(async () => {
        const wait = freeAt - clock.now().getTime();
        if (wait > 0) await clock.sleep(wait, signal);
        freeAt = Math.max(freeAt, clock.now().getTime() + gapMs);
        return work();
      });
      last = turn.catch(() => {});
      return turn;
    },
    holdMs: (ms) => {
      freeAt = Math.max(freeAt, clock.now().getTime() + ms);
    },
  };
}
