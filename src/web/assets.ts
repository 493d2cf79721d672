import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import { faces, readFont } from '../report/fonts.ts';

const files = [
  { name: 'page.css', type: 'text/css; charset=utf-8' },
  { name: 'page.js', type: 'text/javascript; charset=utf-8' },
] as const;

/** Style, script and fonts of the pages. They are the same for everybody and need no link. */
export function assetRoutes(): Hono {
  const app = new Hono();
  for (const { name, type } of files) {
    app.get(`/assets/${name}`, async (c) =>
      c.body(new Uint8Array(await readFile(new URL(`./assets/${name}`, import.meta.url))), 200, {
        'content-type': type,
        // A new version of the bot brings new assets; pages look broken with those of another version.
        'cache-control': 'no-cache',
      }),
    );
  }
  for (const { file } of faces) {
    app.get(`/fonts/${file}`, async (c) =>
      c.body(new Uint8Array(await readFont(file)), 200, {
        'content-type': 'font/ttf',
        'cache-control': 'public, max-age=86400',
      }),
    );
  }
  // Browsers request it on every page, and log an error without an answer.
  app.get('/favicon.ico', (c) => c.body(null, 204));
  return app;
}
