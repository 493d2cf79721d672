import type { Content } from '../../campaign/messages.ts';
import type { Block } from '../limits.ts';
import { md } from '../mrkdwn.ts';
import { actionId, actions, button, fineprint, paragraphs } from './elements.ts';

export function budgetReachedBlocks(content: Extract<Content, { kind: 'budget_reached' }>): Block[] {
  const { campaignId, questionId, text, raises, note, closed } = content;
  const buttons = raises.map((raise, i) =>
    button(raise.label, actionId('raise', campaignId, questionId, i), {
      value: raise.value,
      confirm: {
        title: 'Raise the budget?',
        text: `The campaign may then spend ${raise.value} more, and goes on at once.`,
        yes: raise.label,
      },
    }),
  );
  return [
    ...paragraphs(md`${text}`),
    ...(note === undefined || closed !== null ? [] : paragraphs(md`${note}`)),
    ...(closed === null ? (buttons.length > 0 ? [actions(...buttons)] : []) : [fineprint(md`${closed}`)]),
  ];
}
