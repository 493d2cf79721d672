import type { Brief, CostLimit } from '../../campaign/brief.ts';
import type { Content } from '../../campaign/messages.ts';
import { limitText, numberText, priceText } from '../../report/format.ts';
import { methodsText, metricText, worthText } from '../../report/thread-text.ts';
import type { Block } from '../limits.ts';
import { bold, joinMrkdwn, type Mrkdwn, md } from '../mrkdwn.ts';
import { actionId, actions, button, fineprint, paragraphs } from './elements.ts';

/** The card that Start commits to; closed, it says who pressed what. */
export function briefBlocks(content: Extract<Content, { kind: 'brief' }>): Block[] {
  const { campaignId, brief, notes, closed } = content;
  const lines: (Mrkdwn | null)[] = [
    md`${bold(brief.title)} · ${brief.scope.baseModel}`,
    md`Metric ${metricText[brief.metric]}, higher is better · target ${brief.target ?? 'none'}`,
    md`Data ${dataName(brief)} (${splitWords(content.splits)})`,
    md`Budget ${limitText(brief.budget)} · ${askWords(brief.askAbove)} · ${brief.parallel} at a time`,
    content.worth ? md`${worthText(content.worth)}` : null,
    brief.price ? md`${priceText(brief.price)}` : null,
    brief.deadline ? md`Nothing new starts after ${brief.deadline.slice(0, 16).replace('T', ' ')} UTC` : null,
    md`${methodWords(brief)}I will not change the model or the sequence length without asking.`,
  ];
  return [
    ...paragraphs(joinMrkdwn(lines, '\n')),
    ...(notes.length > 0
      ? paragraphs(
          joinMrkdwn(
            notes.map((note) => md`${note}`),
            '\n',
          ),
        )
      : []),
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

/** A budget that holds no whole run is raised by one press, which counts as an edit. */
function raiseButton({ campaignId, worth }: Extract<Content, { kind: 'brief' }>) {
  const to = worth?.raise;
  if (!to) return [];
  const value = limitText(to);
  return [button(`Raise to ${value}`, actionId('budget', campaignId), { value })];
}

function dataName(brief: Brief): string {
  if (brief.data.kind === 'task') return brief.data.task;
  const { train, evaluation } = brief.data;
  return evaluation ? `${train.name}, measured on ${evaluation.name}` : train.name;
}

function splitWords(splits: { train: number; search: number; select: number; test: number }): string {
  const rows = splits.train + splits.search + splits.select + splits.test;
  return (
    `${numberText(rows)} rows; ${numberText(splits.train)} train, ${numberText(splits.search)} search, ` +
    `${numberText(splits.select)} select, ${numberText(splits.test)} test`
  );
}

function askWords(askAbove: CostLimit): string {
  return askAbove.computeSeconds === null && askAbove.usd === null
    ? 'no questions about single branches'
    : `ask above ${limitText(askAbove)} a branch`;
}

/** Named where it is not what everybody gets. */
function methodWords({ scope }: Brief): string {
  const objective = { sft: '', dpo: 'DPO on pairs of answers. ', grpo: 'GRPO, rewarded by the metric. ' }[
    scope.objective ?? 'sft'
  ];
  const isUsual = scope.methods.length > 1 && !scope.methods.includes('qlora');
  return isUsual ? objective : `${objective}${capital(methodsText(scope.methods))} only. `;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
