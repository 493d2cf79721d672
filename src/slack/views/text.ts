import { type Block, clip, limits } from '../limits.ts';
import { escapeMrkdwn, md } from '../mrkdwn.ts';
import { paragraphs } from './elements.ts';

export function textBlocks(text: string): Block[] {
  return paragraphs(md`${text}`);
}

export function problemBlocks(text: string): Block[] {
  return paragraphs(md`:warning: ${text}`);
}

/** A sentence as message text without blocks: escaped, so that what people wrote in it mentions nobody. */
export function sentenceText(text: string): string {
  return clip(escapeMrkdwn(text), limits.messageText);
}
