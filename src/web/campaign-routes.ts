import { Hono } from 'hono';
import type { Context } from '../operations/context.ts';
import { drawNodeCurves, pngOf } from '../operations/view/draw-curves.ts';
import { findThread } from '../operations/view/find-thread.ts';
import { listResultFiles } from '../operations/view/result-files.ts';
import { svgSize } from '../report/picture/svg.ts';
import { treeText } from '../report/terminal-tree.ts';
import { treeSvg } from '../report/tree-picture.ts';
import type { WithAccess } from './access.ts';
import type { LiveFeed } from './live-feed.ts';
import { campaignPage } from './pages/campaign-page.ts';
import { resultFileRoutes } from './result-files.ts';
import { say } from './say.ts';
import { sendVersions } from './send-versions.ts';
import { pictureFile } from './tree-file.ts';
import type { ViewCache } from './view-cache.ts';

/** A campaign's page and its parts: pictures, the tree as text, events of changes. Below `/campaigns/:id`. */
export function campaignRoutes(parts: { ctx: Context; views: ViewCache; feed: LiveFeed }): Hono<WithAccess> {
  const { ctx, views, feed } = parts;
  const app = new Hono<WithAccess>();
  const read = (c: { req: { param(name: string): string | undefined } }) =>
    views.read(c.req.param('id') ?? '');

  app.get('/', async (c) => {
    const asked = c.req.query('node');
    const node = asked !== undefined && /^\d{1,6}$/.test(asked) ? Number(asked) : null;
    const shown = await read(c);
    const files = await listResultFiles(ctx, shown.view);
    return c.html(campaignPage({ ...shown, node, files }, c.get('access').links));
  });
  app.get('/events', async (c) => {
    const { view } = await read(c);
    return sendVersions(c, { feed, watched: view.id, until: c.get('access').expiresAt });
  });
  app.get('/tree.txt', async (c) => c.text(treeText((await read(c)).view, { colour: false })));
  app.get('/tree.svg', async (c) => {
    const headers = { 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' };
    return c.body(pictureFile(treeSvg((await read(c)).view)), 200, headers);
  });
  app.get('/tree.png', async (c) => {
    const svg = treeSvg((await read(c)).view);
    const { width, height } = svgSize(svg);
    const png = await ctx.rasterise(svg, width, height);
    return c.body(new Uint8Array(png), 200, { 'content-type': 'image/png', 'cache-control': 'no-cache' });
  });
  app.get('/nodes/:node/curves.png', async (c) => {
    const campaignId = (await read(c)).view.id;
    const svg = await drawNodeCurves({ ctx, input: { campaignId, node: Number(c.req.param('node')) } });
    const png = await pngOf(ctx, svg);
    if (png === null) return say(c, 404, 'Not here', 'Nothing of this node has trained.');
    return c.body(new Uint8Array(png), 200, { 'content-type': 'image/png', 'cache-control': 'no-cache' });
  });
  app.get('/thread', async (c) => {
    const link = await findThread({ ctx, input: { campaignId: (await read(c)).view.id } });
    if (link !== null) return c.redirect(link);
    return say(
      c,
      404,
      'No thread',
      'Slack does not say where the thread of this campaign is. It may have been deleted.',
    );
  });
  app.route('/files', resultFileRoutes(parts));
  return app;
}
