import { request } from 'node:http';
import type { Context } from '../../src/operations/context.ts';
import { startWeb, type Web, type WebOptions } from '../../src/web/create-web.ts';

export interface OpenWeb extends Web {
  get(
    path: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: string; headers: Headers }>;
}

/** The pages of a world on a free port of loopback. */
export async function openWeb(ctx: Context, options: Partial<WebOptions> = {}): Promise<OpenWeb> {
  const web = await startWeb({
    ...{ ctx, host: '127.0.0.1', port: 0, metrics: { kind: 'local' }, isReady: () => true },
    ...options,
  });
  return {
    ...web,
    get: async (path, headers = {}) => {
      const response = await fetch(`${web.url}${path}`, { headers, redirect: 'manual' });
      return { status: response.status, body: await response.text(), headers: response.headers };
    },
  };
}

/** A request under another name than that of the address; `fetch` sets the name itself. */
export function statusUnder(host: string, url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.once('error', reject);
    call.end();
  });
}

/** Collects versions from the event stream until it is closed. */
export async function collectVersions(
  url: string,
): Promise<{ status: number; versions: string[]; close(): void }> {
  const stop = new AbortController();
  const response = await fetch(url, { signal: stop.signal });
  const versions: string[] = [];
  void (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>)
      for (const [, version = ''] of decoder.decode(bytes).matchAll(/^data: (.*)$/gm)) versions.push(version);
  })().catch(() => {});
  return { status: response.status, versions, close: () => stop.abort() };
}
