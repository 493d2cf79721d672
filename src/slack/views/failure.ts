import type { Content } from '../../campaign/messages.ts';
import { failureText } from '../../report/thread-text.ts';
import type { Block } from '../limits.ts';
import { md } from '../mrkdwn.ts';
import { paragraphs } from './elements.ts';

/** What happened, whose fault it is, what it cost, what happens next. */
export function failureBlocks({ node, next }: Extract<Content, { kind: 'failure' }>): Block[] {
  return paragraphs(md`${failureText(node, next)}`);
}
