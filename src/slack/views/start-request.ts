import type { Content } from '../../campaign/messages.ts';
import { startRequestText } from '../../report/sentences/start-request.ts';
import type { Block } from '../limits.ts';
import { bold, joinMrkdwn, md } from '../mrkdwn.ts';
import { actionId, actions, button, fineprint, paragraphs } from './elements.ts';

/** A Start that waits for approval; once decided, the outcome replaces the buttons. */
export function startRequestBlocks(content: Extract<Content, { kind: 'start_request' }>): Block[] {
  const { campaignId, questionId, terms, closed } = content;
  const { title, lines } = startRequestText(content);
  return [
    ...paragraphs(joinMrkdwn([bold(title), ...lines.map((line) => md`${line}`)], '\n')),
    closed === null
      ? actions(
          button('Approve and start', actionId('begin', campaignId, questionId, 'approve'), {
            style: 'primary',
            confirm: {
              title: 'Start this campaign?',
              text: `${terms[0]}. Your approval counts for exactly this.`,
              yes: 'Approve and start',
            },
          }),
          button('Edit', actionId('edit', campaignId)),
          button('Do not start', actionId('begin', campaignId, questionId, 'reject'), { style: 'danger' }),
        )
      : fineprint(md`${closed}`),
  ];
}
