import type { MiddlewareHandler } from 'hono';
import type { Clock } from '../lib/clock.ts';
import type { LinkScope, LinkSigner } from '../lib/signed-link.ts';
import { openLinks, type PageLinks, signedLinks } from './page-links.ts';
import { say } from './say.ts';

/** Access that the link of a page gives. */
export interface Access {
  links: PageLinks;
  /** When the link ends; null: never. */
  expiresAt: Date | null;
}

/** Variables of every handler behind `needsLink`. */
export interface WithAccess {
  Variables: { access: Access };
}

const refusals = {
  missing: ['A link is needed', 'This page is shown to people with a link of the bot.'],
  expired: ['This link has expired', 'This link has expired: links of the bot end after some days.'],
  invalid: [
    'This link does not work',
    'This link does not work: it was cut short, or it is for another page.',
  ],
} as const satisfies Record<string, [title: string, why: string]>;
const howToGetOne =
  'For a new link write `page` in the thread of the campaign, or `/trex page` in its channel. Links in new messages of the bot work, too.';

/**
 * Lets a reader in whose address carries a token for the page that it shows. Without a signer everybody who reaches the
 * port may see everything: it listens on this machine only.
 * @param scopesOf scopes that open the address; `all` opens everything
 */
export function needsLink(
  { signer, clock }: { signer: LinkSigner | null; clock: Clock },
  scopesOf: (parameter: (name: string) => string) => LinkScope[],
): MiddlewareHandler<WithAccess> {
  return async (c, next) => {
    if (signer === null) {
      c.set('access', { links: openLinks, expiresAt: null });
      return next();
    }
    const scopes = scopesOf((name) => c.req.param(name) ?? '');
    const token = c.req.query('t') ?? '';
    const checked = signer.check(token, [...scopes, 'all'], clock.now());
    if (checked.state !== 'valid') {
      const [title, why] = refusals[token === '' ? 'missing' : checked.state];
      return say(c, 403, title, why, howToGetOne);
    }
    const { scope, expiresAt } = checked;
    c.set('access', { links: signedLinks(signer, { token, scope, expiresAt }), expiresAt });
    return next();
  };
}
