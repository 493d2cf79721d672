import type { Context as Request } from 'hono';
import { messagePage } from './pages/layout.ts';

/** Answers with a few sentences: a page for browsers, text for all other clients. */
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
