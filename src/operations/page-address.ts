import type { LinkScope } from '../lib/signed-link.ts';
import type { Context } from './context.ts';

/**
 * The address of a campaign's page, or of a path below it, for people to open: signed, where others reach the pages.
 * Null when there is no address.
 * @param below `/tree.png`, `/files/report.md`
 */
export const linkToCampaign = (ctx: Context, campaignId: string, below = ''): string | null =>
  link(ctx, `/campaigns/${encodeURIComponent(campaignId)}${below}`, `campaign:${campaignId}`);

/** The list of the campaigns of a channel. */
export const linkToChannel = (ctx: Context, where: { teamId: string; channel: string }): string | null =>
  link(
    ctx,
    `/channels/${encodeURIComponent(where.teamId)}/${encodeURIComponent(where.channel)}`,
    `channel:${where.teamId}:${where.channel}`,
  );

function link({ settings, clock }: Context, path: string, scope: LinkScope): string | null {
  const { publicUrl, linkSigner } = settings;
  if (publicUrl === null) return null;
  return `${publicUrl}${path}${linkSigner === null ? '' : `?t=${linkSigner.sign(scope, clock.now())}`}`;
}

/** The answer to `page`, with a freshly signed link. */
export const tellPage = (address: string | null): string =>
  address === null
    ? 'I have no page that you can open: nobody has told me an address for it (`TREX_PUBLIC_URL`).'
    : `Here it is: ${address}`;
