import { repeatEvery } from '../lib/clock.ts';
import type { Context } from '../operations/context.ts';
import { acquireLease, fencedDb, LeaseLost } from '../store/leases.ts';

/** How long a dead instance keeps others waiting. A pass prolongs it; a pass that takes longer is fenced off. */
export const defaultLeaseMs = 12_000;

/**
 * Runs a pass only while this instance holds the named lease. What the pass writes in transactions is fenced: when
 * the lease was lost in the meantime, nothing of it is written. On the embedded database there is one process, and
 * the lease is always ours.
 */
export async function withLease(
  ctx: Context,
  { owner, name, leaseMs }: { owner: string; name: string; leaseMs: number },
  pass: (ctx: Context) => Promise<void>,
): Promise<void> {
  const held = await acquireLease(ctx.db, name, owner, leaseMs);
  if (held === null) return;
  // A heartbeat for passes that take long. When it fails, the fence does the rest.
  const endHeartbeat = repeatEvery(ctx.clock, leaseMs / 3, () => acquireLease(ctx.db, name, owner, leaseMs));
  try {
    await pass({
      ...ctx,
      db: fencedDb(ctx.db, held),
      confirmLease: async () => {
        const now = await acquireLease(ctx.db, name, owner, leaseMs);
        if (now?.token !== held.token) throw new LeaseLost(name);
      },
    });
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    ctx.log.warn({ lease: name }, 'lease.lost');
  } finally {
    endHeartbeat();
  }
}
