import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFetcher, type Fetcher, type FetchLimits } from './fetcher.ts';
import type { Service } from './public-services.ts';
import { createFileCache } from './response-cache.ts';
import {
  answer,
  createSkippingClock,
  type Handler,
  inTurn,
  type LocalServer,
  type SkippingClock,
  startServer,
} from './testing/local-server.ts';

let dir: string;
let clock: SkippingClock;
let closing: (() => Promise<void>)[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trex-fetch-'));
  clock = createSkippingClock();
  closing = [];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(dir, { recursive: true, force: true });
});

async function serve(handle: Handler): Promise<LocalServer> {
  const server = await startServer(handle);
  closing.push(server.close);
  return server;
}

const service = (origin: string, over: Partial<Service> = {}): Service => ({
  name: 'The library',
  origin,
  gapMs: 0,
  backOffMs: 5000,
  headers: {},
  ...over,
});

function open(
  services: Service[],
  options: { limits?: Partial<FetchLimits>; allowLoopback?: boolean; lookup?: LookupFunction } = {},
): Fetcher {
  const fetcher = createFetcher({
    services,
    userAgent: 'trex-bot (test)',
    clock,
    cache: createFileCache(dir, { maxAgeMs: 3600_000, most: 100 }),
    allowLoopback: true,
    ...options,
  });
  closing.push(() => fetcher.close());
  return fetcher;
}

const never = new AbortController().signal;
/** The message of the fetcher about an address; `got: …` when it was read. */
const said = (fetcher: Fetcher, url: string): Promise<string> =>
  fetcher.get(url, { signal: never }).then(
    (text) => `got: ${text}`,
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe('an answer', () => {
  test('is read, with a name that says who asks', async () => {
    const server = await serve(answer(200, 'héllo'));
    expect(await said(open([service(server.origin)]), `${server.origin}/a?b=1`)).toBe('got: héllo');
    expect(server.seen[0]?.url).toBe('/a?b=1');
    expect(server.seen[0]?.headers['user-agent']).toBe('trex-bot (test)');
  });

  test('is kept for its time, on disk, and asked for anew when it must be fresh', async () => {
    const server = await serve(inTurn(answer(200, 'one'), answer(200, 'two'), answer(200, 'three')));
    const url = `${server.origin}/a`;
    expect(await said(open([service(server.origin)]), url)).toBe('got: one');
    const later = open([service(server.origin)]);
    expect(await said(later, url)).toBe('got: one');
    expect(await later.get(url, { signal: never, fresh: true })).toBe('two');
    expect(await said(later, url)).toBe('got: two');
    await clock.sleep(3600_000);
    expect(await said(later, url)).toBe('got: three');
    expect(server.seen).toHaveLength(3);
  });

  test('that lies broken in the cache is asked for again', async () => {
    const server = await serve(inTurn(answer(200, 'one'), answer(200, 'two')));
    const fetcher = open([service(server.origin)]);
    await said(fetcher, `${server.origin}/a`);
    for (const name of readdirSync(dir)) writeFileSync(join(dir, name), '{"url":');
    expect(await said(fetcher, `${server.origin}/a`)).toBe('got: two');
  });

  test('of an error is not kept', async () => {
    const server = await serve(inTurn(answer(404, 'no'), answer(200, 'now')));
    const fetcher = open([service(server.origin)]);
    expect(await said(fetcher, `${server.origin}/a`)).toContain('does not know it (404)');
    expect(await said(fetcher, `${server.origin}/a`)).toBe('got: now');
  });
});

describe('the cache', () => {
  test('holds no more than it may', async () => {
    const cache = createFileCache(dir, { maxAgeMs: 1000, most: 3 });
    for (let i = 0; i < 6; i++) await cache.put(`https://x/${i}`, 'text', clock.now());
    expect(readdirSync(dir)).toHaveLength(3);
    expect(await cache.get('https://x/5', clock.now())).toBe('text');
  });
});

describe('addresses that are never asked', () => {
  const allowed = ['https://library.test', 'https://127.0.0.1', 'https://169.254.169.254', 'https://[::1]'];
  const refused: [string, string][] = [
    ['http://library.test/', 'only https'],
    ['ftp://library.test/', 'only https'],
    ['file:///etc/passwd', 'only https'],
    ['data:text/plain,hi', 'only https'],
    ['https://user:secret@library.test/', 'name or password'],
    ['https://elsewhere.test/', 'not one of the services'],
    ['https://library.test:8443/', 'not one of the services'],
    ['https://library.test.evil.test/', 'not one of the services'],
    ['https://169.254.169.254/latest/meta-data', 'private address'],
    ['https://127.0.0.1/', 'private address'],
    ['https://2130706433/', 'private address'],
    ['https://0x7f.1/', 'private address'],
    ['https://[::1]/', 'private address'],
    ['https://[::ffff:127.0.0.1]/', 'private address'],
    ['no address', 'not an address'],
  ];
  test.each(refused)('%s', async (url, why) => {
    const asked: string[] = [];
    const lookup: LookupFunction = (hostname, _, callback) => {
      asked.push(hostname);
      callback(new Error('nothing is looked up here'), '');
    };
    const fetcher = open(
      allowed.map((origin) => service(origin)),
      { lookup },
    );
    const text = await said(fetcher, url);
    expect(text).toContain(why);
    expect(text).not.toContain('secret');
    expect(asked).toEqual([]);
  });

  test('not even this machine, unless a test says so', async () => {
    const server = await serve(answer(200, 'secret'));
    const fetcher = open([service(server.origin)], { allowLoopback: false });
    expect(await said(fetcher, `${server.origin}/`)).toContain('only https');
    expect(server.seen).toHaveLength(0);
  });
});

describe('names', () => {
  const leadingTo =
    (...addresses: string[]): LookupFunction =>
    (_, options, callback) => {
      const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      if (options.all === true) callback(null, found);
      else callback(null, found[0]?.address ?? '', found[0]?.family);
    };

  test.each([
    ['this machine', ['127.0.0.1']],
    ['this machine, in IPv6', ['::1']],
    ['the metadata service', ['169.254.169.254']],
    ['the network here', ['10.0.0.7']],
    ['a public address and a private one', ['93.184.216.34', '10.0.0.7']],
    ['nothing', []],
  ])('that lead to %s are refused when the connection is made', async (_, addresses) => {
    const fetcher = open([service('https://library.test')], { lookup: leadingTo(...addresses) });
    expect(await said(fetcher, 'https://library.test/')).toContain('leads to a private address');
  });

  test('are looked up by the connection itself, once: no second answer can come in between', async () => {
    // The first answer is the one that is checked and used; a second lookup would get the other.
    const answers = ['127.0.0.1', '93.184.216.34'];
    let lookups = 0;
    const lookup: LookupFunction = (hostname, options, callback) =>
      leadingTo(answers[lookups++] ?? '')(hostname, options, callback);
    const fetcher = open([service('https://library.test')], { lookup });
    expect(await said(fetcher, 'https://library.test/')).toContain('leads to a private address');
    expect(lookups).toBe(1);
  });

  test('that really lead to this machine are refused by the real resolver', async () => {
    const fetcher = open([service('https://localhost')]);
    expect(await said(fetcher, 'https://localhost/')).toContain('leads to a private address');
  });

  test('that nobody knows are a sentence', async () => {
    const lookup: LookupFunction = (_hostname, _options, callback) =>
      callback(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }), '');
    const fetcher = open([service('https://library.test')], { lookup, limits: { retries: 0 } });
    expect(await said(fetcher, 'https://library.test/')).toBe(
      'FetchError: The library cannot be reached (ENOTFOUND).',
    );
  });
});

describe('redirects', () => {
  test('are followed within a service, three at most', async () => {
    const server = await serve(
      inTurn(answer(302, '', { location: '/b' }), answer(307, '', { location: 'c' }), answer(200, 'there')),
    );
    expect(await said(open([service(server.origin)]), `${server.origin}/a`)).toBe('got: there');
    expect(server.seen.map(({ url }) => url)).toEqual(['/a', '/b', '/c']);
    const circle = await serve(answer(302, '', { location: '/again' }));
    expect(await said(open([service(circle.origin)]), `${circle.origin}/a`)).toContain('from page to page');
    expect(circle.seen).toHaveLength(4);
  });

  test.each([
    ['http://169.254.169.254/latest/meta-data/', 'only https'],
    ['https://169.254.169.254/latest/meta-data/', 'private address'],
    ['file:///etc/passwd', 'only https'],
    ['https://elsewhere.test/', 'not one of the services'],
    ['//elsewhere.test/', 'only https'],
    ['http://[', 'not an address'],
  ])('to %s are refused', async (location, why) => {
    const server = await serve(answer(302, '', { location }));
    const fetcher = open([service(server.origin), service('https://169.254.169.254')]);
    expect(await said(fetcher, `${server.origin}/a`)).toContain(why);
    expect(server.seen).toHaveLength(1);
  });

  test('to another service do not take the key along', async () => {
    const other = await serve(answer(200, 'there'));
    const first = await serve(answer(302, '', { location: `${other.origin}/b` }));
    const fetcher = open([
      service(first.origin, { headers: { 'x-api-key': 'k-1' } }),
      service(other.origin, { name: 'Another' }),
    ]);
    expect(await said(fetcher, `${first.origin}/a`)).toBe('got: there');
    expect(first.seen[0]?.headers['x-api-key']).toBe('k-1');
    expect(other.seen[0]?.headers['x-api-key']).toBeUndefined();
  });
});

describe('a service with trouble', () => {
  test('is asked again after the pause it wants', async () => {
    const server = await serve(inTurn(answer(429, '', { 'retry-after': '7' }), answer(200, 'fine')));
    expect(await said(open([service(server.origin)]), `${server.origin}/`)).toBe('got: fine');
    expect(clock.waits).toEqual([7000]);
  });

  test.each([
    [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:09 GMT' }, 9000],
    [{ ratelimit: '"api";r=0;t=11' }, 11_000],
    [{}, 5000],
  ])('says in many ways how long: %j', async (headers, waitMs) => {
    const server = await serve(inTurn(answer(429, '', headers), answer(200, 'fine')));
    await said(open([service(server.origin)]), `${server.origin}/`);
    expect(clock.waits).toEqual([waitMs]);
  });

  test('is left alone when the pause is too long', async () => {
    const server = await serve(answer(429, '', { 'retry-after': '86400' }));
    expect(await said(open([service(server.origin)]), `${server.origin}/`)).toBe(
      'FetchError: The library asks me to stay away for 86400 s (429).',
    );
    expect(server.seen).toHaveLength(1);
  });

  test('is given up after three attempts', async () => {
    const server = await serve(answer(503, 'down'));
    expect(await said(open([service(server.origin)]), `${server.origin}/`)).toContain(
      'trouble of its own (503)',
    );
    expect(server.seen).toHaveLength(3);
    expect(clock.waits).toEqual([1000, 2000]);
  });

  test('that hangs is given up in its time', async () => {
    const server = await serve(() => {});
    const fetcher = open([service(server.origin)], { limits: { timeoutMs: 80, retries: 0 } });
    expect(await said(fetcher, `${server.origin}/`)).toContain('no whole answer within 0.08 s');
  });

  test('that drips its answer is given up in the same time', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(drip));
    });
    const fetcher = open([service(server.origin)], { limits: { timeoutMs: 150, retries: 0 } });
    expect(await said(fetcher, `${server.origin}/`)).toContain('no whole answer within 0.15 s');
  });

  test('that cuts its answer off is asked again', async () => {
    const cut: Handler = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 10);
    };
    const server = await serve(inTurn(cut, answer(200, 'whole')));
    expect(await said(open([service(server.origin)]), `${server.origin}/`)).toBe('got: whole');
  });

  test('that never ends its answer is read no further than the limit', async () => {
    let written = 0;
    const server = await serve((_, response) => {
      response.writeHead(200);
      const part = Buffer.alloc(65_536, 'x');
      const pour = (): void => {
        while (!response.destroyed && written < 50e6) {
          written += part.length;
          if (!response.write(part)) return void response.once('drain', pour);
        }
      };
      pour();
    });
    const fetcher = open([service(server.origin)], { limits: { maxBytes: 300_000 } });
    expect(await said(fetcher, `${server.origin}/`)).toContain('more than 300 kB');
    expect(written).toBeLessThan(20e6);
    expect(server.seen).toHaveLength(1);
  });

  test('that compresses without being asked is refused', async () => {
    const server = await serve(answer(200, 'x', { 'content-encoding': 'gzip' }));
    expect(await said(open([service(server.origin)]), `${server.origin}/`)).toContain('gzip');
  });

  test('does not hold up the end of the whole research', async () => {
    const server = await serve(() => {});
    const fetcher = open([service(server.origin)]);
    const over = AbortSignal.timeout(60);
    await expect(fetcher.get(`${server.origin}/`, { signal: over })).rejects.toThrow('no time left');
    expect(server.seen).toHaveLength(1);
  });
});

describe('pace', () => {
  test('keeps the gap of a service, and asks one thing at a time', async () => {
    let active = 0;
    let most = 0;
    const server = await serve((_, response) => {
      most = Math.max(most, ++active);
      setTimeout(() => {
        active--;
        response.writeHead(200).end('ok');
      }, 5);
    });
    const fetcher = open([service(server.origin, { gapMs: 3000 })]);
    await Promise.all(['a', 'b', 'c', 'd'].map((path) => said(fetcher, `${server.origin}/${path}`)));
    expect(server.seen).toHaveLength(4);
    expect(most).toBe(1);
    expect(clock.waits).toEqual([3000, 3000, 3000]);
  });

  test('a pause that one asker was told holds for the others', async () => {
    const server = await serve(inTurn(answer(429, '', { 'retry-after': '9' }), answer(200, 'ok')));
    const fetcher = open([service(server.origin)]);
    await Promise.all(['a', 'b'].map((path) => said(fetcher, `${server.origin}/${path}`)));
    expect(clock.waits[0]).toBe(9000);
    expect(server.seen.length).toBeLessThanOrEqual(4);
  });
});
