import { createHmac, timingSafeEqual } from 'node:crypto';

/** The scope of a link: one campaign, the campaigns of one channel, or everything. */
export type LinkScope = `campaign:${string}` | `channel:${string}:${string}` | 'all';

export type LinkCheck =
  | { state: 'valid'; scope: LinkScope; expiresAt: Date }
  | { state: 'expired' | 'invalid' };

export interface LinkSigner {
  /** A token for a scope that expires after the configured time, on a full hour: links of one hour are the same. */
  sign(scope: LinkScope, now: Date): string;
  signUntil(scope: LinkScope, expiresAt: Date): string;
  /** @param scopes any of which suffices */
  check(token: string, scopes: LinkScope[], now: Date): LinkCheck;
}

const hourMs = 3600_000;

/**
 * Signs links with HMAC-SHA256 over scope and expiry, as `<seconds in base 36>.<signature>`. The scope is not in the
 * token: it is that of the address, so a token of one campaign opens no other.
 * @param days how long a link lasts
 */
export function createLinkSigner(secret: string, days: number): LinkSigner {
  const signature = (scope: LinkScope, seconds: number): Buffer =>
    createHmac('sha256', secret).update(`${scope}\n${seconds}`).digest();
  const signUntil = (scope: LinkScope, expiresAt: Date): string => {
    const seconds = Math.floor(expiresAt.getTime() / 1000);
    return `${seconds.toString(36)}.${signature(scope, seconds).toString('base64url')}`;
  };
  return {
    signUntil,
    sign: (scope, now) =>
      signUntil(scope, new Date(Math.ceil((now.getTime() + days * 24 * hourMs) / hourMs) * hourMs)),
    check: (token, scopes, now) => {
      const [, end, given] = /^([0-9a-z]{1,9})\.([\w-]{43})$/.exec(token) ?? [];
      if (end === undefined || given === undefined) return { state: 'invalid' };
      const seconds = Number.parseInt(end, 36);
      const bytes = Buffer.from(given, 'base64url');
      const scope = scopes.find((one) => timingSafeEqual(signature(one, seconds), bytes));
      if (scope === undefined) return { state: 'invalid' };
      const expiresAt = new Date(seconds * 1000);
      return expiresAt <= now ? { state: 'expired' } : { state: 'valid', scope, expiresAt };
    },
  };
}
