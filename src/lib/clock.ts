/** Source of time, so that a test or a simulation can control it. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/**
 * Does `work` after every pause of `everyMs`, one at a time, until the function it returns is called. A failure is left
 * to the next time. Timed by the given clock, so that a simulation decides when it happens.
 */
export function repeatEvery(clock: Clock, everyMs: number, work: () => Promise<unknown>): () => void {
  const ended = new AbortController();
  const run = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(everyMs, ended.signal);
      if (ended.signal.aborted) return;
      await work().catch(() => {});
    }
  };
  void run();
  return () => ended.abort();
}
