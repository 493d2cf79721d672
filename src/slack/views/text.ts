import type { Block } from '../limits.ts';
import { md } from '../mrkdwn.ts';
import { paragraphs } from './elements.ts';

export function textBlocks(text: string): Block[] {
  return paragraphs(md`${text}`);
}

export function problemBlocks(text: string): Block[] {
  return paragraphs(md`:warning: ${text}`);
}
