import type { Context } from '../operations/context.ts';
import {
  createInboxWork,
  type HandleEvent,
  handleInbox,
  settleInbox,
} from '../operations/inbox/handle-inbox.ts';
import { createLoop, type Loop } from './loop.ts';

/**
 * Gives the events of the inbox to the chat's listeners: at most sixteen at a time, one of a thread. It is woken by a new
 * event in this process and by the end of one; passes at intervals find events that other instances stored, that
 * failed, or whose worker died. Several instances may run it: a row has a lease.
 */
export function createInboxLoop(options: {
  ctx: Pick<Context, 'db' | 'clock' | 'log'>;
  everyMs: number;
  handle: HandleEvent;
}): Loop {
  const { ctx, everyMs, handle } = options;
  const work = createInboxWork(ctx);
  const onEnded = (): void => loop.wake();
  const loop = createLoop({
    name: 'inbox',
    everyMs,
    clock: ctx.clock,
    log: ctx.log,
    pass: async () => {
      await handleInbox({ ctx, work, handle, onEnded });
    },
  });
  return {
    ...loop,
    /** Begins no new event and waits at most 10 s for those under way; the rest is left for the next start. */
    stop: async () => {
      await loop.stop();
      const patience = new AbortController();
      const settled = settleInbox(work).then(() => patience.abort());
      await Promise.race([settled, ctx.clock.sleep(10_000, patience.signal)]);
    },
  };
}
