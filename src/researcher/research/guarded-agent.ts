import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { isPublicAddress } from './addresses.ts';
import { FetchError } from './fetch-error.ts';

/**
 * One connection an origin, made only to addresses of the open internet. The check sits in the lookup of the
 * connection itself, so that no second answer of a name server can slip in between check and connect.
 */
export function createGuardedAgent(options: { connectTimeoutMs: number; lookup?: LookupFunction }): Agent {
  const lookup = guardLookup(options.lookup ?? systemLookup);
  return new Agent({
    connections: 1,
    connect: buildConnector({ lookup, timeout: options.connectTimeoutMs }),
  });
}

/** A lookup that fails when any address of the name is not public. */
export function guardLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '');
      const addresses = Array.isArray(found) ? found : [];
      const [first] = addresses;
      if (first === undefined || addresses.some(({ address }) => !isPublicAddress(address))) {
        return callback(
          new FetchError(`I do not fetch from ${hostname}: its name leads to a private address.`),
          '',
        );
      }
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
