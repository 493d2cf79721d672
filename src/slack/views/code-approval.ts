import type { Content } from '../../campaign/messages.ts';
import { codeApprovalText } from '../../report/sentences/code-approval.ts';
import { type Block, limits } from '../limits.ts';
import { bold, codeBlock, joinMrkdwn, md, oneLine } from '../mrkdwn.ts';
import { withMention } from './approval.ts';
import { actionId, actions, button, fineprint, paragraphs, section } from './elements.ts';

type Asked = Extract<Content, { kind: 'approval' }>;

/**
 * A question about code: all of the code, between its purpose and the meaning of an approval, in as many sections as it
 * takes. Null when the approval is about money.
 */
export function codeApprovalBlocks({ node, approval, campaignId }: Asked): Block[] | null {
  const text = codeApprovalText(node, approval);
  if (text === null) return null;
  const { why, purpose, code, terms, cost, yeses, closed } = text;
  const name = bold(`#${node.number}${closed === null ? ' wants to run code' : ''}`);
  const before = [md`${name}: ${oneLine(node.title)}`, md`${why}`, md`${purpose}`];
  const after = [terms, cost, yeses].filter((line) => line !== null).map((line) => md`${line}`);
  return [
    ...paragraphs(joinMrkdwn(before, '\n')),
    ...piecesOf(code).map((lines) => section(codeBlock(['', ...lines, '']))),
    ...paragraphs(joinMrkdwn(after, '\n')),
    closed === null
      ? actions(
          button('Approve', actionId('approve', approval.id), {
            style: 'primary',
            confirm: {
              title: `Run the code of #${node.number}?`,
              text: 'I run exactly the code on this card, in the sandbox, over the training rows.',
              yes: 'Run it',
            },
          }),
          button('Reject', actionId('reject', approval.id), {
            style: 'danger',
            confirm: {
              title: `Reject the code of #${node.number}?`,
              text: 'It will not run and not be proposed again. The search goes on elsewhere.',
              yes: 'Reject',
            },
          }),
          button('Ask why', actionId('why', campaignId, node.number)),
        )
      : fineprint(withMention(md`${closed}`, approval.decidedBy)),
  ];
}

/** Lines of code in pieces that fit into a section, marks of the block included. */
function piecesOf(code: string): string[][] {
  const room = limits.sectionText - '```\n\n```'.length;
  const pieces: string[][] = [[]];
  let used = 0;
  for (const line of code.replace(/\n+$/, '').split('\n')) {
    const size = md`${line}`.text.length + 1;
    if (used + size > room) {
      pieces.push([]);
      used = 0;
    }
    pieces.at(-1)?.push(line);
    used += size;
  }
  return pieces;
}
