import type { Content } from '../../campaign/messages.ts';
import type { CampaignView } from '../../campaign/view.ts';
import type { RenderContext } from '../../operations/chat.ts';
import { scoreText } from '../../report/format.ts';
import { headline, nowLine } from '../../report/sentences/status.ts';
import type { Block } from '../limits.ts';
import { joinMrkdwn, link, type Mrkdwn, md } from '../mrkdwn.ts';
import { fineprint, paragraphs, plain } from './elements.ts';

/** The live message: headline, picture of the tree, current activity. Edited in place. */
export function progressBlocks(
  content: Extract<Content, { kind: 'progress' }>,
  context: RenderContext,
  pictureFileId: string | null,
): Block[] {
  const { view } = content;
  const picture = pictureBlock(view, context, pictureFileId);
  const share = shareOf(view.budget);
  const small = joinMrkdwn(
    [
      share === null ? null : md`${bar(share)} ${Math.round(share * 100)}% of the budget`,
      view.pageUrl ? link(view.pageUrl, 'Open the page') : null,
    ],
    ' · ',
  );
  return [
    ...paragraphs(md`${headline(view)}`),
    ...(picture ? [picture] : paragraphs(branchList(view))),
    ...paragraphs(md`${nowLine(view)}`),
    ...(small.text === '' ? [] : [fineprint(small)]),
  ];
}

/** The source of the tree's picture: an address in url mode, an uploaded file in upload mode. */
export function pictureBlock(
  view: CampaignView,
  context: RenderContext,
  pictureFileId: string | null,
): Block | null {
  const alt_text = plain(`Tree of experiments: ${headline(view).replaceAll('*', '')}`).text;
  if (context.pictureMode === 'upload' && pictureFileId) {
    return { type: 'image', slack_file: { id: pictureFileId }, alt_text };
  }
  const address = context.pictureMode === 'url' ? freshAddress(view) : null;
  return address === null ? null : { type: 'image', image_url: address, alt_text, title: plain(view.title) };
}

/**
 * Slack and browsers cache a picture by its address, so a new picture needs a new address. Null when it has no address.
 */
function freshAddress({ pictureUrl, takenAt }: CampaignView): string | null {
  if (pictureUrl === null || !URL.canParse(pictureUrl)) return null;
  const address = new URL(pictureUrl);
  if (address.protocol !== 'http:' && address.protocol !== 'https:') return null;
  address.searchParams.set('at', String(Date.parse(takenAt)));
  return address.href;
}

/** The tree in words, where it cannot be drawn: the best nodes, then the newest. */
function branchList(view: CampaignView): Mrkdwn {
  const ranked = [...view.nodes].sort(
    (a, b) => (b.score?.value ?? -1) - (a.score?.value ?? -1) || b.number - a.number,
  );
  return joinMrkdwn(
    ranked
      .slice(0, 6)
      .map((n) => md`#${n.number} ${n.title}: ${n.score ? scoreText(n.score) : n.state.replace('_', ' ')}`),
    '\n',
  );
}

/** Share of the budget used, in [0, 1], the larger of its two sides; null without a limit. */
function shareOf({ spent, limit }: CampaignView['budget']): number | null {
  const shares = [
    limit.computeSeconds === null ? Number.NaN : spent.computeSeconds / limit.computeSeconds,
    limit.usd === null ? Number.NaN : spent.usd / limit.usd,
  ].filter(Number.isFinite);
  return shares.length === 0 ? null : Math.min(1, Math.max(0, ...shares));
}

/** `▓▓▓▓░░░░░░` */
function bar(share: number, width = 10): string {
  const full = Math.round(share * width);
  return '▓'.repeat(full) + '░'.repeat(width - full);
}
