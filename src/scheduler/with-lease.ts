import { repeatEvery } from '../lib/clock.ts';
import type { Context } from '../operations/context.ts';
import { acquireLease, fencedDb, LeaseLost } from '../store/leases.ts';

/** The lease of a dead instance expires after this long. A pass renews it; one that fails to is fenced off. */
export const defaultLeaseMs = 12_000;

/**
 * Runs a pass only while this instance holds the named lease. Transactions of the pass are fenced: they fail when the
 * lease was lost in the meantime. The embedded database has one process, which always holds the lease.
 */
export async function withLease(
  ctx: Context,
  { owner, name, leaseMs }: { owner: string; name: string; leaseMs: number },
  pass: (ctx: Context) => Promise<void>,
): Promise<void> {
  const held = await acquireLease(ctx.db, name, owner, leaseMs);
  if (held === null) return;
  // A heartbeat for long passes. When it fails, the fence keeps the pass from writing.
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
