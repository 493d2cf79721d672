import type { Content } from '../../campaign/messages.ts';
import type { ApprovalView } from '../../campaign/view.ts';
import { estimateText } from '../../report/format.ts';
import { approvalText } from '../../report/sentences/approval.ts';
import type { Block } from '../limits.ts';
import { bold, joinMrkdwn, Mrkdwn, md, oneLine } from '../mrkdwn.ts';
import { actionId, actions, button, fineprint, paragraphs } from './elements.ts';

/**
 * A question bound to one spec and a ceiling; once decided, the buttons are replaced by who decided it, how and when.
 */
export function approvalBlocks(content: Extract<Content, { kind: 'approval' }>): Block[] {
  const { node, approval, campaignId, metric } = content;
  const { why, cost, expected, changes, cheaper, yeses, closed } = approvalText(node, approval, metric);
  const name = bold(closed === null ? `#${node.number} needs a yes` : `#${node.number}`);
  const lines = [why, cost, expected, changes, cheaper, yeses].filter((line) => line !== null);
  return [
    ...paragraphs(
      joinMrkdwn([md`${name}: ${oneLine(node.title)}`, ...lines.map((line) => md`${line}`)], '\n'),
    ),
    closed === null
      ? buttons(campaignId, approval)
      : fineprint(withMention(md`${closed}`, approval.decidedBy)),
  ];
}

function buttons(campaignId: string, approval: ApprovalView): Block {
  const { id, nodeNumber } = approval;
  return actions(
    button('Approve', actionId('approve', id), {
      style: 'primary',
      confirm: {
        title: `Approve #${nodeNumber}?`,
        text: `It will use ${estimateText(approval)}.`,
        yes: 'Approve',
      },
    }),
    ...(approval.cheaper
      ? [
          button('Cheaper one', actionId('cheaper', id), {
            confirm: {
              title: `Approve the cheaper #${nodeNumber}?`,
              text: `${oneLine(approval.cheaper.text)}: it will use ${estimateText(approval.cheaper)}.`,
              yes: 'Approve',
            },
          }),
        ]
      : []),
    button('Reject', actionId('reject', id), {
      style: 'danger',
      confirm: {
        title: `Reject #${nodeNumber}?`,
        text: 'It will not run, and this cannot be taken back. The search goes on elsewhere.',
        yes: 'Reject',
      },
    }),
    button('Ask why', actionId('why', campaignId, nodeNumber)),
  );
}

/** Slack shows the name of a person who is known by id. */
export function withMention(closed: Mrkdwn, person: string | null): Mrkdwn {
  if (person === null || !/^[UW][A-Z0-9]{5,20}$/.test(person)) return closed;
  return new Mrkdwn(closed.text.replace(person, `<@${person}>`));
}
