import type { Content } from '../../campaign/messages.ts';
import type { Block } from '../limits.ts';
import { md } from '../mrkdwn.ts';
import { actionId, actions, button, fineprint, paragraphs } from './elements.ts';

/** A command before it is carried out, with the buttons that decide it; then its outcome. */
export function confirmationBlocks(content: Extract<Content, { kind: 'confirmation' }>): Block[] {
  const { campaignId, confirmationId, text, choices, closed } = content;
  const buttons = choices.map(({ label, value, style }) =>
    button(label, actionId('confirm', campaignId, confirmationId, value), {
      value,
      ...(style === undefined ? {} : { style }),
    }),
  );
  return [...paragraphs(md`${text}`), closed === null ? actions(...buttons) : fineprint(md`${closed}`)];
}
