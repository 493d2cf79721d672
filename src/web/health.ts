import { Hono } from 'hono';
import type { Context } from '../operations/context.ts';
import { checkDatabase, checkDisk } from '../operations/health/check-health.ts';
import { healthParts } from '../operations/health.ts';
import { readHealth } from '../operations/view/read-health.ts';

/** Health checks for the platform: whether the process lives, and whether it can work. */
export function healthRoutes(ctx: Context, isReady: () => boolean): Hono {
  const app = new Hono();
  app.get('/livez', (c) => c.text('ok'));
  app.get('/readyz', async (c) => {
    await Promise.all([checkDatabase(ctx), checkDisk(ctx)]);
    const troubles = troublesOf(ctx, isReady());
    const counts = 'database' in troubles ? null : await readHealth({ ctx }).catch(() => null);
    const ready = Object.keys(troubles).length === 0;
    const parts = Object.fromEntries(healthParts.map((part) => [part, !(part in troubles)]));
    return c.json({ ready, ...parts, ...(ready ? {} : { troubles }), ...counts }, ready ? 200 : 503);
  });
  return app;
}

/** Trouble by part, in words: `{ "disk": "The disk of /data is full. … (since 2026-11-30T03:12:00.000Z)" }`. */
function troublesOf(ctx: Context, isConnected: boolean): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of healthParts) {
    const trouble = ctx.health.trouble(part);
    if (trouble !== null) found[part] = `${trouble.why} (since ${trouble.since.toISOString()})`;
  }
  if (!isConnected) found.chat ??= 'The bot is starting or stopping, and not connected.';
  return found;
}
