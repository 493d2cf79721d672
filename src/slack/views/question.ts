import type { Content } from '../../campaign/messages.ts';
import type { Block } from '../limits.ts';
import { joinMrkdwn, md } from '../mrkdwn.ts';
import { actionId, actions, button, paragraphs } from './elements.ts';

export function questionBlocks(content: Extract<Content, { kind: 'question' }>): Block[] {
  const { campaignId, question, preface } = content;
  const buttons = question.options.map((option, i) =>
    button(option.label, actionId('answer', campaignId, question.field, i), { value: option.value }),
  );
  return [
    ...paragraphs(joinMrkdwn([...preface.map((line) => md`${line}`), md`${question.text}`], '\n')),
    ...(buttons.length > 0 ? [actions(...buttons)] : []),
  ];
}
