import type { Content } from '../../campaign/messages.ts';
import { nodeText } from '../../report/thread-text.ts';
import type { Block } from '../limits.ts';
import { codeBlock, link, md } from '../mrkdwn.ts';
import { fineprint, paragraphs } from './elements.ts';

/** Everything about one node, with the first lines of its log when it failed. */
export function nodeBlocks({ view, number }: Extract<Content, { kind: 'node' }>): Block[] {
  const log = view.nodes.find((node) => node.number === number)?.failure?.log.slice(0, 20) ?? [];
  return [
    ...paragraphs(md`${nodeText(view, number)}`),
    ...(log.length > 0 ? paragraphs(codeBlock(log)) : []),
    ...(view.pageUrl ? [fineprint(link(view.pageUrl, 'Open the page'))] : []),
  ];
}
