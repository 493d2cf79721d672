import {
  type BriefField,
  briefFields,
  objectives,
  searchPolicies,
  trainingMethods,
} from '../../../campaign/brief.ts';
import type { Question } from '../../../campaign/messages.ts';
import { answerAskAbove } from './asking.ts';
import { answerBadRows } from './bad-rows.ts';
import { answerBaseModel } from './base-model.ts';
import { answerBudget } from './budget.ts';
import { answerData } from './data.ts';
import { answerDeadline } from './deadline.ts';
import type { Change, Draft } from './draft.ts';
import { answerMaxNodes } from './max-nodes.ts';
import { answerMetric } from './metric.ts';
import { answerParallel } from './parallel.ts';
import { answerPolicy } from './policy.ts';
import { answerUsdPerHour } from './price.ts';
import type { FieldReader, Reading } from './reading.ts';
import { answerTarget } from './target.ts';
import { answerTitle } from './title.ts';
import { answerMethods, answerObjective } from './training.ts';

const readers: Record<BriefField, FieldReader> = {
  data: answerData,
  badRows: answerBadRows,
  metric: answerMetric,
  budget: answerBudget,
  askAbove: answerAskAbove,
  usdPerHour: answerUsdPerHour,
  baseModel: answerBaseModel,
  methods: answerMethods,
  objective: answerObjective,
  target: answerTarget,
  parallel: answerParallel,
  deadline: answerDeadline,
  maxNodes: answerMaxNodes,
  policy: answerPolicy,
  title: answerTitle,
};

/** Names of the fields in the words a person may type. */
export const fieldTitles: Record<BriefField, string> = {
  data: 'data',
  badRows: 'unreadable rows',
  metric: 'metric',
  budget: 'budget',
  askAbove: 'ask above',
  usdPerHour: 'price',
  baseModel: 'base model',
  methods: 'methods',
  objective: 'objective',
  target: 'target',
  parallel: 'at a time',
  deadline: 'deadline',
  maxNodes: 'experiments',
  policy: 'search policy',
  title: 'title',
};

const examples: Record<BriefField, string> = {
  data: 'the name of a task, or attach a file',
  badRows: '"leave out" or "show them"',
  metric: '"exact match" or "accuracy"',
  budget: '"15 minutes"',
  askAbove: '"2 minutes" or "never"',
  usdPerHour: '"$2.50 an hour"',
  baseModel: 'the name of a model',
  methods: trainingMethods.join(' or '),
  objective: objectives.join(' or '),
  target: '"95%" or "none"',
  parallel: '"2"',
  deadline: '"tomorrow 9:00" or "none"',
  maxNodes: '"12"',
  policy: searchPolicies.join(', '),
  title: 'a few words',
};

const takesDefault =
  /^\W*(?:(?:the |your |use (?:the )?|take (?:the )?)?defaults?|you (?:choose|decide|pick)|your (?:choice|call)|whatever(?: you (?:like|think|want|prefer))?|up to you|i don'?t (?:care|know|mind)|don'?t care|dunno|no idea|no preference|any(?:thing)?(?: is fine| goes)?|as you like|surprise me|idk|not sure)(?: is (?:fine|ok|good))?(?:,? please)?\W*$/i;

export const wantsDefault = (text: string): boolean => takesDefault.test(text);

const agrees =
  /^\W*(?:yes|y|yep|yeah|yup|ok|okay|sure|fine|right|correct|good|sounds good|perfect|go ahead|please do|agreed|do it|👍|:\+1:|that'?s fine|works for me)(?:,? (?:please|thanks|thank you|that is fine|that'?s fine|go ahead))?\W*$/i;
const ordinals: [RegExp, number][] = [
  [/^\W*(?:the |option |number |no\.? ?|#)?(?:first|1st)(?: (?:one|option))?\W*$/i, 0],
  [/^\W*(?:the |option |number |no\.? ?|#)?(?:second|2nd)(?: (?:one|option))?\W*$/i, 1],
  [/^\W*(?:the |option |number |no\.? ?|#)?(?:third|3rd)(?: (?:one|option))?\W*$/i, 2],
  [/^\W*(?:the |option |number |no\.? ?|#)?(?:fourth|4th)(?: (?:one|option))?\W*$/i, 3],
  [/^\W*(?:the )?(?:last|latter)(?: (?:one|option))?\W*$/i, -1],
  [/^\W*(?:the )?former(?: (?:one|option))?\W*$/i, 0],
];
/** Fields whose answer is itself a number: there a bare digit is no choice among buttons. */
const numeric = new Set<BriefField>([
  'budget',
  'askAbove',
  'usdPerHour',
  'target',
  'parallel',
  'maxNodes',
  'deadline',
]);

/** The value of the button that words such as `yes`, `the second` or a label mean; null for anything else. */
export function optionMeant(question: Question, text: string): string | null {
  const plain = (value: string): string =>
    value
      .toLowerCase()
      .replace(/[^a-z0-9%$.]+/g, ' ')
      .trim();
  const said = plain(text);
  const byLabel = question.options.find((o) => plain(o.label) === said || plain(o.value) === said);
  if (byLabel) return byLabel.value;
  if (agrees.test(text)) return question.default;
  for (const [pattern, index] of ordinals)
    if (pattern.test(text)) return question.options.at(index)?.value ?? null;
  const digit = /^\W*(?:option |number |no\.? ?|#)?([1-9])\W*$/i.exec(text);
  const worded = /option|number|#/i.test(text);
  if (digit && (worded || !numeric.has(question.field)))
    return question.options[Number(digit[1]) - 1]?.value ?? null;
  return null;
}

const reset: Partial<Record<BriefField, Partial<Draft>>> = {
  metric: { metric: null, metricOpen: false },
  budget: { budget: null, dollarsRefused: false },
  askAbove: { askAbove: null },
  usdPerHour: { usdPerHour: null, minutesOnly: false },
  baseModel: { baseModel: null },
  methods: { methods: null },
  objective: { objective: null, unpaired: null },
  target: { target: null },
  parallel: { parallel: null },
  deadline: { deadline: null },
  maxNodes: { maxNodes: null },
  policy: { policy: null },
  title: { title: null },
};

/** A value for a known field: a click, an edit, or the bare answer to a question. Null when it makes no sense. */
export function readField(field: BriefField, text: string, reading: Reading): Change | null {
  const optional = reset[field];
  if (optional && text.trim() === '' && field !== 'budget' && field !== 'metric')
    return { patch: optional, problems: [] };
  return readers[field](text, reading);
}

/** A sentence for a value that could not be read. */
export const unreadable = (field: BriefField, text: string): string =>
  `I could not read "${text.slice(0, 60)}" as ${fieldTitles[field]}; for example ${examples[field]}.`;

export interface EditReading {
  patch: Partial<Draft>;
  /** A sentence for each field that could not be used; it stays as it was. */
  rejected: Partial<Record<BriefField, string>>;
}

/** Values of the Edit form. */
export function readEdit(values: Partial<Record<BriefField, string>>, reading: Reading): EditReading {
  const patch: Partial<Draft> = {};
  const rejected: Partial<Record<BriefField, string>> = {};
  for (const field of briefFields) {
    const text = values[field];
    if (text === undefined) continue;
    const draft = { ...reading.draft, ...patch };
    const clear = wantsDefault(text) ? reset[field] : undefined;
    if (clear) {
      Object.assign(patch, clear, takenDefault(field, draft));
      if (field === 'budget') Object.assign(patch, readField('budget', '10 min', reading)?.patch);
      continue;
    }
    const change = readField(field, text, { ...reading, draft });
    Object.assign(patch, change?.patch);
    // A form has no room for a question back.
    const problem = change ? (change.problems[0] ?? change.doubts?.[0]?.text) : unreadable(field, text);
    if (problem !== undefined) rejected[field] = problem;
  }
  return { patch, rejected };
}

/** Records that the person left this field to the default. */
export const takenDefault = (field: BriefField, draft: Draft): Partial<Draft> => ({
  defaulted: [...new Set([...draft.defaulted, field])],
});
