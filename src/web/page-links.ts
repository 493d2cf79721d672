import type { LinkScope, LinkSigner } from '../lib/signed-link.ts';

/** Links from one page to others, with the token that opens them. */
export interface PageLinks {
  /** The list that this reader may see; null when it is this campaign only. */
  list: string | null;
  /** @param path absolute, of a page that this reader may see: `/` */
  to(path: string, query?: Record<string, string>): string;
  /** A campaign's page, or an address below it: `/tree.svg`. */
  toCampaign(id: string, below?: string, query?: Record<string, string>): string;
}

/** Links without tokens, for pages that only this machine can open. */
export const openLinks: PageLinks = createPageLinks('/', () => null);

/**
 * Links of a page that was opened with a token. From the token of a list, tokens for each campaign are made, which expire
 * with it: a campaign's link that is passed on opens that campaign alone.
 */
export function signedLinks(
  signer: LinkSigner,
  opened: { token: string; scope: LinkScope; expiresAt: Date },
): PageLinks {
  const { token, scope, expiresAt } = opened;
  const [kind, team, channel] = scope.split(':');
  const list = kind === 'all' ? '/' : kind === 'channel' ? channelPath(team ?? '', channel ?? '') : null;
  return createPageLinks(list, (campaignId) => {
    const own: LinkScope = `campaign:${campaignId}`;
    return campaignId === null || scope === own ? token : signer.signUntil(own, expiresAt);
  });
}

export const channelPath = (teamId: string, channel: string): string =>
  `/channels/${encodeURIComponent(teamId)}/${encodeURIComponent(channel)}`;

function createPageLinks(
  list: string | null,
  tokenFor: (campaignId: string | null) => string | null,
): PageLinks {
  const address = (path: string, query: Record<string, string>, token: string | null): string => {
    const parameters = new URLSearchParams({ ...query, ...(token === null ? {} : { t: token }) });
    return parameters.size === 0 ? path : `${path}?${parameters}`;
  };
  const to: PageLinks['to'] = (path, query = {}) => address(path, query, tokenFor(null));
  return {
    list: list === null ? null : to(list),
    to,
    toCampaign: (id, below = '', query = {}) =>
      address(`/campaigns/${encodeURIComponent(id)}${below}`, query, tokenFor(id)),
  };
}
