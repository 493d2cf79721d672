import type { Content } from '../../campaign/messages.ts';
import type { Block } from '../limits.ts';
import { md } from '../mrkdwn.ts';
import { actionId, actions, button, fineprint, paragraphs } from './elements.ts';

/** A run that waits on the cluster, with the button that withdraws it. */
export function waitingBlocks(content: Extract<Content, { kind: 'waiting' }>): Block[] {
  const { campaignId, node, text, canWithdraw, closed } = content;
  const confirm = {
    title: `Withdraw #${node}?`,
    text: 'Its runs are taken from the queue and never start. The search goes on without it.',
    yes: 'Withdraw',
  };
  const withdraw = button('Withdraw', actionId('withdraw', campaignId, node), { confirm });
  return [
    ...paragraphs(md`${text}`),
    ...(closed !== null ? [fineprint(md`${closed}`)] : canWithdraw ? [actions(withdraw)] : []),
  ];
}
