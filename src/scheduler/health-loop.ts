import type { Context } from '../operations/context.ts';
import { checkHealth } from '../operations/health/check-health.ts';
import { createDatabaseTeller, tellTroubles } from '../operations/health/tell-troubles.ts';
import { createLoop, type Loop } from './loop.ts';
import { withLease } from './with-lease.ts';

/** Checks database, disk and cluster, and posts lasting trouble in threads. Every process checks; one of them posts. */
export function createHealthLoop(
  ctx: Context,
  owner: string,
  { everyMs, leaseMs }: { everyMs: number; leaseMs: number },
): Loop {
  const tellDatabase = createDatabaseTeller();
  return createLoop({
    name: 'health',
    everyMs,
    clock: ctx.clock,
    log: ctx.log,
    pass: async () => {
      await checkHealth({ ctx });
      await tellDatabase(ctx);
      if (ctx.health.trouble('database') !== null) return;
      await withLease(ctx, { owner, name: 'health', leaseMs }, (fenced) => tellTroubles({ ctx: fenced }));
    },
  });
}
