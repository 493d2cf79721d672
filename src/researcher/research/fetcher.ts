import type { LookupFunction } from 'node:net';
import { request } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import { asError } from '../../lib/errors.ts';
import { readRetryAfter } from '../../lib/retry-after.ts';
import { checkUrl, type UrlPolicy } from './check-url.ts';
import { FetchError } from './fetch-error.ts';
import { createGuardedAgent } from './guarded-agent.ts';
import { createPace, type Pace } from './pace.ts';
import type { Service } from './public-services.ts';
import type { ResponseCache } from './response-cache.ts';

/** Reads public pages by GET: the only way from the Researcher to the internet. */
export interface Fetcher {
  /**
   * The text of a 200 answer, from the cache where it is young enough and `fresh` is not set.
   * @throws FetchError
   */
  get(url: string, options: { signal: AbortSignal; fresh?: boolean; accept?: string }): Promise<string>;
  close(): Promise<void>;
}

export interface FetcherOptions {
  services: readonly Service[];
  /** Says who asks and how to reach them. */
  userAgent: string;
  clock: Clock;
  cache: ResponseCache;
  limits?: Partial<FetchLimits>;
  /** For tests only. */
  allowLoopback?: boolean;
  lookup?: LookupFunction;
}

export interface FetchLimits {
  /** One attempt, body included. */
  timeoutMs: number;
  maxBytes: number;
  redirects: number;
  /** After the first attempt. */
  retries: number;
  /** A service that asks for a longer pause than this is given up. */
  longestWaitMs: number;
}

const defaults: FetchLimits = {
  timeoutMs: 12_500,
  maxBytes: 2_000_000,
  redirects: 3,
  retries: 2,
  longestWaitMs: 60_000,
};

export function createFetcher(options: FetcherOptions): Fetcher {
  const { services, clock, cache } = options;
  const limits = { ...defaults, ...options.limits };
  const policy: UrlPolicy = { services, allowLoopback: options.allowLoopback ?? false };
  const agent = createGuardedAgent({
    connectTimeoutMs: limits.timeoutMs,
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  });
  const paces = new Map<string, Pace>(services.map((s) => [s.origin, createPace(clock, s.gapMs)]));
  const paceOf = (service: Service): Pace => paces.get(service.origin) as Pace;

  /** One request, no redirects followed. */
  const send = async (url: URL, service: Service, accept: string, signal: AbortSignal): Promise<Answer> => {
    const timeout = AbortSignal.timeout(limits.timeoutMs);
    try {
      const response = await request(url, {
        dispatcher: agent,
        signal: AbortSignal.any([signal, timeout]),
        headers: { ...service.headers, 'user-agent': options.userAgent, accept },
      });
      const headers = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value ?? '')]),
      );
      const text = await readBody(response.body, headers, service, limits.maxBytes);
      return { status: response.statusCode, headers, text };
    } catch (error) {
      throw asFetchError(error, service, signal.aborted, limits.timeoutMs);
    }
  };

  const follow = async (start: URL, accept: string, signal: AbortSignal): Promise<string> => {
    let url = start;
    for (let hop = 0; ; hop++) {
      const service = checkUrl(url, policy);
      const answer = await paceOf(service).run(() => send(url, service, accept, signal), signal);
      if (answer.status === 200) return answer.text;
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status >= 400 || location === undefined) {
        throw statusError(answer, service, clock.now());
      }
      if (hop === limits.redirects) throw new FetchError(`${service.name} sends me from page to page.`);
      url = parseUrl(location, url);
    }
  };

  return {
    get: async (address, { signal, fresh = false, accept = 'application/json' }) => {
      const url = parseUrl(address);
      const service = checkUrl(url, policy);
      const kept = fresh ? null : await cache.get(url.href, clock.now());
      if (kept !== null) return kept;
      for (let attempt = 0; ; attempt++) {
        try {
          const text = await follow(url, accept, signal);
          await cache.put(url.href, text, clock.now());
          return text;
        } catch (error) {
          if (!(error instanceof FetchError) || !error.passing) throw error;
          const waitMs = error.waitMs ?? (error.status === 429 ? service.backOffMs : 1000 * 2 ** attempt);
          // Other requests wait as well: they would be refused too.
          paceOf(service).holdMs(Math.min(waitMs, limits.longestWaitMs));
          if (attempt === limits.retries || waitMs > limits.longestWaitMs || signal.aborted) throw error;
        }
      }
    },
    close: () => agent.close(),
  };
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

async function readBody(
  body: AsyncIterable<Buffer>,
  headers: Record<string, string>,
  service: Service,
  maxBytes: number,
): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > maxBytes) {
      throw new FetchError(
        `${service.name} sent more than ${Math.round(maxBytes / 1000)} kB; I read no further.`,
      );
    }
    parts.push(part);
  }
  const { 'content-encoding': encoding = 'identity' } = headers;
  if (encoding !== 'identity') {
    throw new FetchError(`${service.name} sent ${encoding.slice(0, 20)}, which I did not ask for.`);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseUrl(text: string, base?: URL): URL {
  try {
    return new URL(text, base);
  } catch (error) {
    throw new FetchError('I was sent to something that is not an address.', { cause: error });
  }
}

function statusError(answer: Answer, service: Service, now: Date): FetchError {
  const { status } = answer;
  const waitMs = readRetryAfter((name) => answer.headers[name], now);
  if (status === 429) {
    const wish = waitMs === null ? '' : ` for ${Math.ceil(waitMs / 1000)} s`;
    return new FetchError(`${service.name} asks me to stay away${wish} (429).`, {
      status,
      passing: true,
      waitMs,
    });
  }
  // The dataset viewer's own codes are about the requested data set, whatever the status says.
  const code = answer.headers['x-error-code'];
  if (code !== undefined) {
    const message = `${service.name} cannot show it (${status}, ${code.replace(/\W/g, '').slice(0, 60)}).`;
    return new FetchError(message, { status, isAboutOne: true });
  }
  if (status >= 500) {
    const message = `${service.name} has trouble of its own (${status}).`;
    return new FetchError(message, { status, passing: true, waitMs });
  }
  const isAboutOne = true;
  if (status === 404)
    return new FetchError(`${service.name} does not know it (404).`, { status, isAboutOne });
  if (status === 401 || status === 403) {
    const message = `${service.name} shows it only to people it knows (${status}).`;
    return new FetchError(message, { status, isAboutOne });
  }
  return new FetchError(`${service.name} answered ${status}.`, { status });
}

function asFetchError(error: unknown, service: Service, isOver: boolean, timeoutMs: number): FetchError {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at instanceof FetchError) return at;
  const cause = asError(error);
  if (isOver) return new FetchError(`There was no time left for ${service.name}.`, { cause });
  if (cause.name === 'TimeoutError' || cause.name === 'ConnectTimeoutError') {
    return new FetchError(`${service.name} gave no whole answer within ${timeoutMs / 1000} s.`, {
      passing: true,
      cause,
    });
  }
  const { code } = cause as NodeJS.ErrnoException;
  return new FetchError(`${service.name} cannot be reached${code === undefined ? '' : ` (${code})`}.`, {
    passing: true,
    cause,
  });
}
