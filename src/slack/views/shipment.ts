import type { Content } from '../../campaign/messages.ts';
import { shipmentText } from '../../report/sentences/shipment.ts';
import type { Block } from '../limits.ts';
import { bold, joinMrkdwn, md } from '../mrkdwn.ts';
import { actionId, actions, button, fineprint, paragraphs } from './elements.ts';

/**
 * A question about publishing weights and to whom, bound to a hash and a place; once decided, progress replaces the
 * buttons.
 */
export function shipmentBlocks(content: Extract<Content, { kind: 'shipment' }>): Block[] {
  const { shipment } = content;
  const { title, lines, standing } = shipmentText(shipment);
  const { place, visibility } = shipment.terms;
  return [
    ...paragraphs(joinMrkdwn([bold(title), ...lines.map((line) => md`${line}`)], '\n')),
    standing === null
      ? actions(
          button('Ship it', actionId('shipping', shipment.id, 'approve'), {
            style: 'primary',
            confirm: {
              title: 'Ship these weights?',
              text: `They go to ${place}${visibility === 'public' ? ', where everybody can see them' : ''}.`,
              yes: 'Ship it',
            },
          }),
          button('Do not ship', actionId('shipping', shipment.id, 'decline')),
        )
      : fineprint(md`${standing}`),
  ];
}
