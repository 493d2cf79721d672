import { Hono } from 'hono';
import { readHealth } from '../operations/campaign/read-health.ts';
import type { Context } from '../operations/context.ts';

/** For the platform: whether the process lives, and whether it can work. */
export function healthRoutes(ctx: Context, isReady: () => boolean): Hono {
  const app = new Hono();
  app.get('/livez', (c) => c.text('ok'));
  app.get('/readyz', async (c) => {
    const health = await readHealth({ ctx }).catch(() => null);
    const ready = isReady() && health !== null;
    return c.json({ ready, database: health !== null, slack: isReady(), ...health }, ready ? 200 : 503);
  });
  return app;
}
