import type { Content } from '../../campaign/messages.ts';
import { nodeText } from '../../report/sentences/node.ts';
import type { Block } from '../limits.ts';
import { codeBlock, link } from '../mrkdwn.ts';
import { fineprint, paragraphs, plain } from './elements.ts';
import { textBlocks } from './text.ts';

/** Everything about one node: how it trained, and the first lines of its log when it failed. */
export function nodeBlocks(
  { view, number, curves }: Extract<Content, { kind: 'node' }>,
  pictureFileId: string | null,
): Block[] {
  const log = view.nodes.find((node) => node.number === number)?.failure?.log.slice(0, 20) ?? [];
  const picture =
    pictureFileId !== null
      ? { slack_file: { id: pictureFileId } }
      : typeof curves === 'string'
        ? { image_url: curves }
        : null;
  const alt_text = plain(curvesAltText(number)).text;
  return [
    ...textBlocks(nodeText(view, number), view.pageUrl ?? undefined),
    ...(log.length > 0 ? paragraphs(codeBlock(log)) : []),
    ...(picture === null ? [] : [{ type: 'image' as const, ...picture, alt_text }]),
    ...(view.pageUrl ? [fineprint(link(view.pageUrl, 'Open the page'))] : []),
  ];
}

export const curvesAltText = (number: number): string => `Training losses of #${number}`;
