import type { Content } from '../../campaign/messages.ts';
import { limitText } from '../../report/format.ts';
import { briefText } from '../../report/sentences/brief.ts';
import type { Block } from '../limits.ts';
import { bold, joinMrkdwn, md } from '../mrkdwn.ts';
import { actionId, actions, button, fineprint, paragraphs } from './elements.ts';

/** The card that Start commits to; closed, it shows who pressed which button. */
export function briefBlocks(content: Extract<Content, { kind: 'brief' }>): Block[] {
  const { campaignId, closed } = content;
  const { title, model, lines, source, notUsed, notes } = briefText(content);
  const card = [md`${bold(title)} · ${model}`, ...lines.map((line) => md`${line}`)];
  const remarks = [...(notUsed === null ? [] : [notUsed]), ...notes].map((line) => md`${line}`);
  return [
    ...paragraphs(joinMrkdwn(card, '\n')),
    ...(remarks.length > 0 ? paragraphs(joinMrkdwn(remarks, '\n')) : []),
    ...(source === null ? [] : [fineprint(md`${source.slice(0, 1800)}`)]),
    closed === null
      ? actions(
          button('Start', actionId('start', campaignId), { style: 'primary' }),
          ...raiseButton(content),
          button('Edit', actionId('edit', campaignId)),
          button('Cancel', actionId('cancel', campaignId)),
        )
      : fineprint(md`${closed}`),
  ];
}

/** The button that raises a budget which holds no whole run; a press counts as an edit. */
function raiseButton({ campaignId, worth }: Extract<Content, { kind: 'brief' }>) {
  const to = worth?.raise;
  if (!to) return [];
  const value = limitText(to);
  return [button(`Raise to ${value}`, actionId('budget', campaignId), { value })];
}
