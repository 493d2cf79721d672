import type { Content } from '../../campaign/messages.ts';
import { shipmentText } from '../../report/sentences/shipment.ts';
import type { Block } from '../limits.ts';
import { bold, joinMrkdwn, md } from '../mrkdwn.ts';
import { actionId, actions, button, fineprint, paragraphs } from './elements.ts';

/** What would be made visible to whom, bound to a hash and a place; decided, the buttons give way to how far it is. */
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
