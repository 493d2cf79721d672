import type { Context as Request } from 'hono';
import { messagePage } from './pages/layout.ts';

/** A few sentences instead of what was asked for: a page for browsers, text for everything else. */
export function say(
  c: Request,
  status: 403 | 404 | 421 | 500 | 503,
  title: string,
  ...sentences: string[]
): Response | Promise<Response> {
  const isBrowser = (c.req.header('accept') ?? '').includes('text/html');
  return isBrowser
    ? c.html(messagePage(title, sentences), status)
    : c.text(`${sentences.join(' ').replaceAll('`', '')}\n`, status);
}
