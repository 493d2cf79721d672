import type { Content } from '../../campaign/messages.ts';
import { failureLines, failureText } from '../../report/sentences/failure.ts';
import type { Block } from '../limits.ts';
import { codeBlock, md } from '../mrkdwn.ts';
import { paragraphs, section } from './elements.ts';

/** The failure, its fault, its cost and the next step; and the first lines of the log. */
export function failureBlocks({ node, next }: Extract<Content, { kind: 'failure' }>): Block[] {
  const lines = failureLines(node.failure);
  return [
    ...paragraphs(md`${failureText(node, next)}`),
    ...(lines.length === 0 ? [] : [section(codeBlock(lines))]),
  ];
}
