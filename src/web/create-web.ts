import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { NotFoundError } from '../lib/errors.ts';
import { asListenProblem } from '../lib/listen-problem.ts';
import { isLoopback } from '../lib/loopback.ts';
import type { Context } from '../operations/context.ts';
import { needsLink } from './access.ts';
import { assetRoutes } from './assets.ts';
import { campaignRoutes } from './campaign-routes.ts';
import { healthRoutes } from './health.ts';
import { checkHost } from './host-check.ts';
import { listRoutes } from './list-routes.ts';
import { createLiveFeed } from './live-feed.ts';
import { createMetrics } from './metrics.ts';
import { type MetricsAccess, metricsRoutes } from './metrics-routes.ts';
import { say } from './say.ts';
import { createViewCache } from './view-cache.ts';

export interface Web {
  readonly url: string;
  stop(): Promise<void>;
}

export interface WebOptions {
  ctx: Context;
  host: string;
  port: number;
  metrics: MetricsAccess;
  /** False until Slack is connected and while the bot stops. */
  isReady: () => boolean;
}

/** Health for the platform, metrics for Prometheus, and a page for every campaign. Reads only. */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { ctx, host, port } = options;
  const feed = createLiveFeed(ctx);
  const app = createRoutes(options, feed);
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, (info) => {
      resolve({
        url: `http://${isLoopback(host) ? host : '127.0.0.1'}:${info.port}`,
        stop: () =>
          new Promise((done) => {
            feed.stop();
            server.close(() => done());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      });
    });
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(asListenProblem(error, { host, port, hostVariable: 'TREX_HOST', portVariable: 'TREX_PORT' })),
    );
  });
}

function createRoutes(
  { ctx, host, metrics, isReady }: WebOptions,
  feed: ReturnType<typeof createLiveFeed>,
): Hono {
  const app = new Hono();
  const { linkSigner: signer, publicUrl } = ctx.settings;
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
      // Slack's client loads pictures from here; nothing else is embedded anywhere.
      crossOriginResourcePolicy: 'cross-origin',
    }),
  );
  app.onError((error, c) => {
    if (error instanceof NotFoundError) return say(c, 404, 'Not here', error.message);
    const reference = ctx.newId('e');
    ctx.log.error({ err: error, reference, path: c.req.path }, 'web.request_failed');
    return say(c, 500, 'That did not work', `Something broke on my side (reference ${reference}).`);
  });
  app.notFound((c) => say(c, 404, 'Not here', 'There is no page at this address.'));
  app.route('/', healthRoutes(ctx, isReady));
  app.route('/', metricsRoutes(createMetrics(ctx), metrics));
  if (isLoopback(host)) app.use(checkHost(publicUrl === null ? [] : [new URL(publicUrl).hostname]));
  app.route('/', assetRoutes());

  const guard = { signer, clock: ctx.clock };
  const parts = { ctx, feed, views: createViewCache(ctx) };
  const ofCampaign = needsLink(guard, (parameter) => [`campaign:${parameter('id')}`]);
  const ofChannel = needsLink(guard, (parameter) => [`channel:${parameter('team')}:${parameter('channel')}`]);
  app.use('/campaigns/:id', ofCampaign).use('/campaigns/:id/*', ofCampaign);
  app.use('/channels/:team/:channel', ofChannel).use('/channels/:team/:channel/*', ofChannel);
  app
    .use(
      '/',
      needsLink(guard, () => []),
    )
    .use(
      '/events',
      needsLink(guard, () => []),
    );
  app.route('/campaigns/:id', campaignRoutes(parts));
  app.route('/channels/:team/:channel', listRoutes(parts));
  app.route('/', listRoutes(parts));
  return app;
}
