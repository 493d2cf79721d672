import {
  type Brief,
  type BriefField,
  type BriefReading,
  type CostLimit,
  trainFiles,
} from '../../campaign/brief.ts';
import type { Content } from '../../campaign/messages.ts';
import { sayNotUsed } from '../../campaign/say-not-used.ts';
import { objectiveNames } from '../../campaign/training-support.ts';
import { clip, countText, numberText } from '../../lib/text.ts';
import { limitText, oneLine, priceText, sentence, valueText } from '../format.ts';
import { methodsText, metricText } from './words.ts';
import { worthText } from './worth.ts';

/** The brief card in words, for every surface. */
export interface BriefText {
  title: string;
  model: string;
  /** The costs and settings that Start commits to, a line each. */
  lines: string[];
  /** The source of the values; null when there is none. */
  source: string | null;
  /** Parts of the request that nothing used; null when there are none. */
  notUsed: string | null;
  notes: string[];
}

export function briefText(content: Extract<Content, { kind: 'brief' }>): BriefText {
  const { brief, splits, read } = content;
  const { scope } = brief;
  const example = read?.example ?? null;
  return {
    title: brief.title,
    model: scope.baseModel,
    lines: [
      ...(read?.task ? [`The task, in your words: ${oneLine(read.task)}`] : []),
      `Metric ${metricText[brief.metric]}, higher is better · target ${brief.target === null ? 'none' : valueText(brief.target)}`,
      `Data ${dataText(brief)} (${splitText(splits)})`,
      ...(example === null ? [] : [exampleText(example)]),
      `Budget ${limitText(brief.budget)} · ${askText(brief.askAbove)} · ${brief.parallel} at a time`,
      ...(content.worth === undefined ? [] : [worthText(content.worth)]),
      ...(brief.price ? [priceText(brief.price)] : []),
      `Methods ${methodsText(scope.methods)}${scope.objective === undefined ? '' : ` · ${objectiveNames[scope.objective]}`} · at most ${countText(brief.maxNodes, 'node')}`,
      ...(brief.deadline === null
        ? []
        : [`Nothing new starts after ${brief.deadline.slice(0, 16).replace('T', ' ')} UTC`]),
      'I will not change the model, the methods or the sequence length without asking.',
    ],
    source: read === undefined ? null : sourceText(read.words),
    notUsed: read === undefined ? null : sayNotUsed(read.notUsed),
    notes: content.notes.map(sentence).filter((note) => note !== ''),
  };
}

function dataText({ data }: Brief): string {
  if (data.kind === 'task') return `the built-in task ${oneLine(data.task)}`;
  const names = trainFiles(data)
    .map(({ name }) => oneLine(name))
    .join(' and ');
  return data.evaluation === null ? names : `${names}, measured on ${oneLine(data.evaluation.name)}`;
}

function splitText(splits: { train: number; search: number; select: number; test: number }): string {
  const rows = splits.train + splits.search + splits.select + splits.test;
  return `${countText(rows, 'row')}; ${numberText(splits.train)} train, ${numberText(splits.search)} search, ${numberText(splits.select)} select, ${numberText(splits.test)} test`;
}

const exampleText = ({ columns, prompt, completion }: NonNullable<BriefReading['example']>): string =>
  `Read as (${oneLine(columns)}): "${oneLine(prompt)}" → "${oneLine(completion)}"`;

const askText = (askAbove: CostLimit): string =>
  askAbove.computeSeconds === null && askAbove.usd === null
    ? 'no questions about single nodes'
    : `ask above ${limitText(askAbove)} a node`;

/** Fields as the card calls them, in its order. */
const fieldNames: [BriefField, string][] = [
  ['title', 'title'],
  ['baseModel', 'model'],
  ['metric', 'metric'],
  ['target', 'target'],
  ['data', 'data'],
  ['budget', 'budget'],
  ['askAbove', 'ask above'],
  ['parallel', 'at a time'],
  ['usdPerHour', 'price'],
  ['methods', 'methods'],
  ['objective', 'objective'],
  ['maxNodes', 'nodes'],
  ['policy', 'search'],
  ['deadline', 'deadline'],
];

function sourceText(words: BriefReading['words']): string | null {
  const parts = fieldNames.flatMap(([field, name]) => {
    const said = words[field];
    return said === undefined ? [] : [`${name} "${clip(oneLine(said), 80)}"`];
  });
  return parts.length === 0 ? null : `From your words: ${parts.join(' · ')}`;
}
