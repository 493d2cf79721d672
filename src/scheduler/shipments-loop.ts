import type { Context } from '../operations/context.ts';
import { shipDue } from '../operations/shipping/ship-due.ts';
import { createLoop, type Loop } from './loop.ts';
import { withLease } from './with-lease.ts';

/** Ships approved weights, one parcel at a time by one instance: uploads take hours and must hold up nothing else. */
export function createShipmentsLoop(
  ctx: Context,
  owner: string,
  { everyMs, leaseMs }: { everyMs: number; leaseMs: number },
): Loop {
  const stopping = new AbortController();
  const loop = createLoop({
    name: 'shipments',
    everyMs,
    clock: ctx.clock,
    log: ctx.log,
    pass: () =>
      withLease(ctx, { owner, name: 'shipments', leaseMs }, async (fenced) => {
        await shipDue({ ctx: fenced, signal: stopping.signal });
      }),
  });
  return {
    ...loop,
    /** Breaks off an upload that is under way; it goes on at the next start. */
    stop: async () => {
      stopping.abort();
      await loop.stop();
    },
  };
}
