import { nodeAddress } from '../../lib/node-address.ts';
import { type Block, clip, limits } from '../limits.ts';
import { escapeMrkdwn, joinMrkdwn, link, type Mrkdwn, md } from '../mrkdwn.ts';
import { paragraphs } from './elements.ts';

/**
 * With the campaign's page, nodes that the text names link to their place there, unless the links would push out text.
 */
export function textBlocks(text: string, page?: string): Block[] {
  const linked = page === undefined ? null : linkNodes(text, page);
  const fits = linked !== null && linked.text.length <= limits.sectionText;
  return paragraphs(fits ? linked : md`${text}`);
}

/** `trex reproduce c-1#5` and code stay unchanged. */
function linkNodes(text: string, page: string): Mrkdwn {
  const parts = text.split(/(`[^`\n]*`|(?<![\w#&/])#\d{1,5}\b)/);
  return joinMrkdwn(
    parts.map((part) => {
      const address = /^#\d+$/.test(part) ? nodeAddress(page, Number(part.slice(1))) : null;
      return address === null ? md`${part}` : link(address, part);
    }),
    '',
  );
}

export function problemBlocks(text: string): Block[] {
  return paragraphs(md`:warning: ${text}`);
}

/** A sentence as message text without blocks: escaped, so that text of people in it mentions nobody. */
export function sentenceText(text: string): string {
  return clip(escapeMrkdwn(text), limits.messageText);
}
