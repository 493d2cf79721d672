import type { Context as Request } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { LiveFeed } from './live-feed.ts';

/** Proxies close an idle connection; many after a minute. */
const heartbeatMs = 25_000;

/**
 * Sends every new version of `what.watched` as a server-sent event.
 * @param what.until when the reader's link ends, and the connection with it; null: never
 */
export function sendVersions(
  c: Request,
  what: { feed: LiveFeed; watched: string; until: Date | null },
): Response {
  let newest: string | null = null;
  let wake = (): void => {};
  const end = what.feed.watch(what.watched, (version) => {
    newest = version;
    wake();
  });
  if (end === null) return c.text('Too many pages are open; this one looks every half minute.', 503);
  return streamSSE(c, async (stream) => {
    stream.onAbort(() => {
      end();
      wake();
    });
    while (!stream.aborted && (what.until === null || Date.now() < what.until.getTime())) {
      if (newest === null && !(await hasNews())) await stream.write(': still here\n\n');
      const version = newest;
      newest = null;
      if (version !== null) await stream.writeSSE({ event: 'version', data: version });
    }
    end();
  });

  /** Waits for a version or the end: true; false when a heartbeat is due first. */
  function hasNews(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), heartbeatMs);
      wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
