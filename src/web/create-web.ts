import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { NotFoundError, TrexError } from '../lib/errors.ts';
import { loadView } from '../operations/campaign/load-view.ts';
import { readHealth } from '../operations/campaign/read-health.ts';
import type { Context } from '../operations/context.ts';
import { listAllCampaigns } from '../operations/thread/list-campaigns.ts';
import { faces, readFont } from '../report/fonts.ts';
import { treeText } from '../report/terminal-tree.ts';
import { svgSize, treeSvg } from '../report/tree-picture.ts';
import { campaignPage, indexPage, pictureFile } from './pages.ts';

export interface Web {
  readonly url: string;
  stop(): Promise<void>;
}

/** Health for the platform, metrics for Prometheus, and a page for every campaign. Reads only. */
export async function startWeb(options: {
  ctx: Context;
  host: string;
  port: number;
  /** False until Slack is connected and while the bot stops. */
  isReady: () => boolean;
}): Promise<Web> {
  const { ctx, host, port, isReady } = options;
  const app = new Hono();
  const metrics = createMetrics(ctx);
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'"],
      },
      // Slack's client loads pictures from here; nothing else is embedded anywhere.
      crossOriginResourcePolicy: 'cross-origin',
    }),
  );
  app.onError((error, c) => {
    if (error instanceof NotFoundError) return c.text(error.message, 404);
    const reference = ctx.newId('e');
    ctx.log.error({ err: error, reference, path: c.req.path }, 'web.request_failed');
    return c.text(`Something broke on my side (reference ${reference}).`, 500);
  });
  // Browsers ask for it on every page; without an answer they complain.
  app.get('/favicon.ico', (c) => c.body(null, 204));
  for (const { file } of faces) {
    app.get(`/fonts/${file}`, async (c) =>
      c.body(new Uint8Array(await readFont(file)), 200, {
        'content-type': 'font/ttf',
        'cache-control': 'public, max-age=86400',
      }),
    );
  }
  app.get('/livez', (c) => c.text('ok'));
  app.get('/readyz', async (c) => {
    const health = await readHealth({ ctx }).catch(() => null);
    const ready = isReady() && health !== null;
    return c.json({ ready, database: health !== null, slack: isReady(), ...health }, ready ? 200 : 503);
  });
  app.get('/metrics', async (c) =>
    c.text(await metrics.metrics(), 200, { 'content-type': metrics.contentType }),
  );
  app.get('/', async (c) => c.html(indexPage(await listAllCampaigns({ ctx }))));
  app.get('/campaigns/:id', async (c) =>
    c.html(campaignPage(await loadView({ ctx, campaignId: c.req.param('id') }))),
  );
  app.get('/campaigns/:id/tree.txt', async (c) =>
    c.text(treeText(await loadView({ ctx, campaignId: c.req.param('id') }), { colour: false })),
  );
  app.get('/campaigns/:id/tree.svg', async (c) => {
    const view = await loadView({ ctx, campaignId: c.req.param('id') });
    const headers = { 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' };
    return c.body(pictureFile(treeSvg(view)), 200, headers);
  });
  app.get('/campaigns/:id/tree.png', async (c) => {
    const view = await loadView({ ctx, campaignId: c.req.param('id') });
    const svg = treeSvg(view);
    const { width, height } = svgSize(svg);
    const png = await ctx.rasterise(svg, width, height);
    return c.body(new Uint8Array(png), 200, { 'content-type': 'image/png', 'cache-control': 'no-cache' });
  });

  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, (info) => {
      resolve({
        url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${info.port}`,
        stop: () =>
          new Promise((done) => {
            server.close(() => done());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      });
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} on ${host} is in use by something else. Choose another with TREX_PORT; 0 takes a free one.`;
      reject(
        error.code === 'EADDRINUSE' ? new TrexError('port_taken', 'config', taken, { cause: error }) : error,
      );
    });
  });
}

function createMetrics(ctx: Context): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (
    name: string,
    help: string,
    pick: (h: Awaited<ReturnType<typeof readHealth>>) => number,
  ): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(pick(await readHealth({ ctx })));
      },
    });
  };
  gauge('trex_campaigns_active', 'Campaigns that search or confirm', (h) => h.activeCampaigns);
  gauge('trex_jobs_live', 'Jobs on the cluster', (h) => h.liveJobs);
  gauge('trex_inbox_pending', 'Events to be handled', (h) => h.inboxPending);
  gauge('trex_inbox_dead', 'Events given up after repeated failures', (h) => h.inboxDead);
  gauge('trex_outbox_pending', 'Messages to be delivered', (h) => h.outboxPending);
  gauge('trex_outbox_parked', 'Messages that will never arrive', (h) => h.outboxParked);
  return registry;
}
