import { Hono } from 'hono';
import type { Context } from '../operations/context.ts';
import { type ListFilter, listFilters, listStarted } from '../operations/view/list-started.ts';
import { allCampaigns, readVersion } from '../operations/view/read-version.ts';
import type { WithAccess } from './access.ts';
import type { LiveFeed } from './live-feed.ts';
import { channelPath } from './page-links.ts';
import { indexPage } from './pages/index-page.ts';
import { sendVersions } from './send-versions.ts';

/** The list of campaigns, of all channels or of the one in the address. */
export function listRoutes({ ctx, feed }: { ctx: Context; feed: LiveFeed }): Hono<WithAccess> {
  const app = new Hono<WithAccess>();
  app.get('/', async (c) => {
    const asked = c.req.query('state') ?? 'all';
    const filter: ListFilter = Object.hasOwn(listFilters, asked) ? (asked as ListFilter) : 'all';
    const page = Math.max(1, Math.min(10_000, Math.trunc(Number(c.req.query('page') ?? 1)) || 1));
    const { team, channel } = c.req.param() as { team?: string; channel?: string };
    const place = team === undefined || channel === undefined ? undefined : { teamId: team, channel };
    const version = await readVersion({ ctx, watched: allCampaigns });
    const list = await listStarted({
      ctx,
      input: { filter, page, ...(place === undefined ? {} : { channel: place }) },
    });
    const path = place === undefined ? '/' : channelPath(place.teamId, place.channel);
    return c.html(indexPage({ ...list, filter, page, path }, c.get('access').links, version));
  });
  app.get('/events', (c) =>
    sendVersions(c, { feed, watched: allCampaigns, until: c.get('access').expiresAt }),
  );
  return app;
}
