import { isIP } from 'node:net';
import { isPublicAddress } from './addresses.ts';
import { FetchError } from './fetch-error.ts';
import type { Service } from './public-services.ts';

/** Where requests may go. */
export interface UrlPolicy {
  services: readonly Service[];
  /** For tests: services at `http://127.0.0.1:PORT` may be asked. */
  allowLoopback: boolean;
}

/**
 * The service that an address belongs to. Asked before every request, redirects included; names are looked at again
 * when they are resolved (`guarded-agent.ts`).
 * @throws FetchError for everything that is not https to a service of the table
 */
export function checkUrl(url: URL, policy: UrlPolicy): Service {
  const refuse = (why: string): never => {
    throw new FetchError(`I do not fetch from ${url.protocol}//${url.hostname.slice(0, 100)}: ${why}.`);
  };
  if (url.username !== '' || url.password !== '') refuse('the address holds a name or password');
  const service = policy.services.find(({ origin }) => origin === url.origin);
  const isTestServer = policy.allowLoopback && service !== undefined && isLoopback(url);
  if (url.protocol !== 'https:' && !isTestServer) refuse('only https is allowed');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host) && !isTestServer) refuse('it is a private address');
  if (service === undefined) return refuse('it is not one of the services I may ask');
  return service;
}

const isLoopback = (url: URL): boolean => url.protocol === 'http:' && url.hostname === '127.0.0.1';
