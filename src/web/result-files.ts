import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import type { Context } from '../operations/context.ts';
import { listResultFiles, type ResultFile } from '../operations/view/result-files.ts';
import type { WithAccess } from './access.ts';
import { say } from './say.ts';
import type { ViewCache } from './view-cache.ts';

/** Content types. Markdown is shown as text: people and models wrote it. */
const typeOf: Record<ResultFile['kind'], string> = {
  markdown: 'text/plain; charset=utf-8',
  picture: 'image/png',
  weights: 'application/octet-stream',
};

/**
 * Files that the last end of a campaign wrote, by name; below `/campaigns/:id/files`. A name is looked up among the
 * existing files and never becomes part of a path.
 */
export function resultFileRoutes({ ctx, views }: { ctx: Context; views: ViewCache }): Hono<WithAccess> {
  const app = new Hono<WithAccess>();
  app.get('/:name', async (c) => {
    const { view } = await views.read(c.req.param('id') ?? '');
    const file = (await listResultFiles(ctx, view)).find(({ name }) => name === c.req.param('name'));
    if (file === undefined)
      return say(c, 404, 'Not here', 'There is no such file. Files come with the end of a campaign.');
    const headers = {
      'content-type': typeOf[file.kind],
      'content-length': String(file.bytes),
      'cache-control': 'no-cache',
      ...(file.kind === 'weights' ? { 'content-disposition': `attachment; filename="${file.name}"` } : {}),
    };
    if (c.req.method === 'HEAD') return c.body(null, 200, headers);
    return c.body(Readable.toWeb(createReadStream(file.path)) as ReadableStream, 200, headers);
  });
  return app;
}
