import { timingSafeEqual } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import { sha256 } from '../lib/hash.ts';
import { isLoopback } from '../lib/loopback.ts';

/** Who may read metrics: callers on this machine, holders of a token, or everybody who reaches the port. */
export type MetricsAccess = { kind: 'local' } | { kind: 'token'; token: string } | { kind: 'open' };

/** Metrics for Prometheus. They hold counts, no names and no content, but strangers should not see the load either. */
export function metricsRoutes(metrics: Registry, access: MetricsAccess): Hono {
  const app = new Hono();
  app.get('/metrics', async (c) => {
    const given = c.req.header('authorization')?.replace(/^Bearer /, '') ?? '';
    // A proxy on this machine forwards requests of people elsewhere.
    const isForwarded = ['forwarded', 'x-forwarded-for'].some((name) => c.req.header(name) !== undefined);
    const isFromHere = !isForwarded && isLoopback(getConnInfo(c).remote.address ?? '');
    const mayRead =
      access.kind === 'open' || isFromHere || (access.kind === 'token' && isSame(given, access.token));
    if (mayRead) return c.text(await metrics.metrics(), 200, { 'content-type': metrics.contentType });
    const how =
      access.kind === 'token'
        ? 'Metrics need the token of TREX_METRICS_TOKEN: Authorization: Bearer …'
        : 'Metrics are shown on this machine only. Set TREX_METRICS_TOKEN for a scraper elsewhere.';
    return c.text(how, 403);
  });
  return app;
}

/** Compares hashes, so that the time taken shows neither length nor content. */
const isSame = (given: string, expected: string): boolean =>
  timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(expected)));
