import { asError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';

/**
 * Where an event goes before Slack hears that we have it. With `onEvent`, the event is only stored and a worker hands
 * it to `Slack.handleEvent` later; a failure to store means no 200, so Slack sends it again. Unset: the event is
 * handled in this process after the answer, and lost if the process dies (development, tests).
 */
export type OnEvent = (rawBody: string) => Promise<'stored' | 'duplicate'>;

/** Runs work that nobody waits for, logs its failure, and lets a shutdown wait for it. */
export interface InFlight {
  run(name: string, work: () => Promise<void>): void;
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing is under way or after `timeoutMs`; false when something still was. */
  drain(timeoutMs: number): Promise<boolean>;
}

export function createInFlight(log: Log): InFlight {
  const running = new Set<Promise<unknown>>();
  const track = <T>(work: Promise<T>): Promise<T> => {
    const settled: Promise<unknown> = work.then(
      () => running.delete(settled),
      () => running.delete(settled),
    );
    running.add(settled);
    return work;
  };
  return {
    track,
    run: (name, work) => {
      track(work()).catch((error: unknown) =>
        log.error({ err: asError(error), name }, 'slack.listener_failed'),
      );
    },
    drain: async (timeoutMs) => {
      const deadline = performance.now() + timeoutMs;
      while (running.size > 0) {
        const leftMs = deadline - performance.now();
        if (leftMs <= 0) return false;
        let timer: NodeJS.Timeout | undefined;
        const timeout = new Promise((resolve) => {
          timer = setTimeout(resolve, leftMs);
        });
        await Promise.race([Promise.allSettled(running), timeout]);
        clearTimeout(timer);
      }
      return true;
    },
  };
}

/** True for what the Events API sends; false for clicks, modals, shortcuts and commands. */
export function isEventBody(body: Record<string, unknown>): boolean {
  return body.type === 'event_callback';
}
