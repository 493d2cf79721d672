import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../lib/loopback.ts';
import { say } from './say.ts';

/**
 * Refuses requests under a foreign host name. On loopback the port is the only guard, and a page of the internet gets
 * around it by giving its own name this machine's address (DNS rebinding): then the browser sends that name.
 * @param names allowed besides those of this machine
 */
export function checkHost(names: string[]): MiddlewareHandler {
  const allowed = new Set(names.map((name) => name.toLowerCase()));
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
    if (isLoopback(name) || allowed.has(name)) return next();
    const why = `The bot is asked for under the name ${name === '' ? '(none)' : name}, which is not one of its own. Set TREX_PUBLIC_URL to the address under which people reach it.`;
    return say(c, 421, 'Not under this name', why);
  };
}
