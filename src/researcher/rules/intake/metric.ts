import { type Brief, searchPolicies } from '../../../campaign/brief.ts';
import { isNearly } from '../../../lib/parse/words.ts';
import { capitalise } from '../../../lib/text.ts';
import { type MetricName, metricNames } from '../../../scoring/types.ts';
import { type Doubt, doubting, problem, setting } from './draft.ts';
import { blank, type MarkedText, markText, spansLeft, take } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';
import { modelsMeant, nearestModels } from './spans/find-models.ts';

export const metricTitles: Record<MetricName, string> = {
  exact_match: 'exact match',
  accuracy: 'accuracy',
  token_f1: 'token F1',
  rouge_l: 'ROUGE-L',
  contains: 'contains the answer',
};

const measurable = Object.values(metricTitles)
  .join(', ')
  .replace(/, ([^,]*)$/, ', or $1');

const metricOptions = (first: readonly MetricName[]): { label: string; value: string }[] =>
  [...new Set([...first, ...metricNames])].map((name) => ({
    label: capitalise(metricTitles[name]),
    value: name,
  }));

const isAlternative = /^\s*(?:,?\s*(?:or|alternatively|and\/or)(?: maybe| perhaps| else)?(?: the)?|\/)\s*$/;

/** The metric a request names; one that cannot be measured is asked about, never replaced. */
export const readMetric: Reader = (marked) => {
  const named = spansLeft(marked, 'metric');
  const unknown = named.filter(({ span }) => span.metric === null);
  const known = named.flatMap(({ span }) => span.metric ?? []);
  const first = named.find(({ span }) => span.metric !== null);
  if (unknown.length > 0) {
    const rest = named.reduce((left, { from, to }) => blank(left, from, to), marked);
    const words = [...new Set(unknown.map(({ span }) => span.text))]
      .map((text) => `"${text.slice(0, 40)}"`)
      .join(' or ');
    return {
      change: doubting({
        field: 'metric',
        text: `I cannot measure ${words}. I can measure ${measurable}: which one shall I take?`,
        options: metricOptions(known),
      }),
      rest,
    };
  }
  if (first?.span.metric == null) return null;
  const alternative = named.find(
    ({ span, from }, i) =>
      span.metric !== first.span.metric &&
      isAlternative.test(marked.text.slice(named[i - 1]?.to ?? from, from)),
  );
  if (alternative !== undefined) {
    const among = [...new Set(known)];
    return {
      change: doubting({
        field: 'metric',
        text: `You name ${among.map((name) => metricTitles[name]).join(' or ')}. I measure one metric: which one shall I take?`,
        options: metricOptions(among).slice(0, among.length),
      }),
      rest: named.reduce((left, { from, to }) => blank(left, from, to), marked),
    };
  }
  const same = named.filter(({ span }) => span.metric === first.span.metric);
  return {
    change: setting({ metric: first.span.metric, metricOpen: false }),
    rest: same.reduce((left, { from, to }) => blank(left, from, to), marked),
  };
};

export const answerMetric: FieldReader = (text, reading) => {
  const marked = markText(text, reading.input);
  const value = text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  const named = metricNames.find((name) => name === value);
  if (named) return setting({ metric: named, metricOpen: false });
  if (
    /^\W*(?:other|something else|else|another(?: one)?|no|nope|not (?:that|this)(?: one)?)\W*$/.test(
      marked.text,
    )
  )
    return setting({ metric: null, metricOpen: true });
  const read = readMetric(marked, reading);
  if (read) return read.change;
  const word = text.toLowerCase().replace(/\W+/g, ' ').trim();
  for (const [metric, title] of Object.entries(metricTitles) as [MetricName, string][])
    if (isNearly(word, title.toLowerCase())) return setting({ metric, metricOpen: false });
  if (/^exact$/.test(word)) return setting({ metric: 'exact_match', metricOpen: false });
  return null;
};

const policyWords: [Brief['policy'], RegExp][] = [
  ['greedy', /\b(?:greedy|greedily|best[- ]first|always from the best)(?: (?:search|policy))?\b/],
  ['uct', /\b(?:uct|mcts|monte[- ]carlo(?: tree search)?|ucb)\b/],
  ['sequential', /\b(?:sequential(?:ly)?(?: (?:search|policy))?|linear search|always from the last)\b/],
];

export const readPolicy: Reader = (marked) => {
  for (const [policy, pattern] of policyWords) {
    const found = take(marked, pattern);
    if (found) return { change: setting({ policy }), rest: found.rest };
  }
  return null;
};

export const answerPolicy: FieldReader = (text, reading) => {
  const value = searchPolicies.find((name) => isNearly(text.trim().toLowerCase(), name));
  return value
    ? setting({ policy: value })
    : (readPolicy(markText(text, reading.input), reading)?.change ?? null);
};

const modelList = ({ input }: Reading): string => input.baseModels.map((m) => m.id).join(', ');
/** A model that wrote the data, or that is to be beaten, is none to train. */
const isOther =
  /(?:\b(?:by|than|like|against|via|beats?|of|judge)|(?<!\b(?:start|starting|train|training|begin|tune|tuning) )from)\s+$/;

/** `we tried this with GPT-4` */
const isPast = /\b(?:tried|used|ran|tested|got|did|had|was|were|baseline|currently|today|now)\b[^.,;!?\n]*$/;

const modelOptions = (ids: readonly string[]): { label: string; value: string }[] =>
  ids.slice(0, 5).map((id) => ({ label: `Train ${id}`.slice(0, 75), value: id }));

export const noSuchModel = (said: string, reading: Reading): Doubt => ({
  field: 'baseModel',
  text: `I do not have the model ${said.slice(0, 80)} here. I can train: ${modelList(reading)}. Which one shall I take?`,
  options: modelOptions(nearestModels(said, reading.input.baseModels)),
});

const isRefused =
  /\b(?:not|don't|never|no|without|except|avoid|exclude)(?: (?:use|train|take|fine-tune|want|try|be))?(?: the)?\s+$/;

export const readBaseModel: Reader = (marked, reading) => {
  const refused = spansLeft(marked, 'model').filter(({ from }) =>
    isRefused.test(marked.text.slice(Math.max(0, from - 30), from)),
  );
  if (refused.length > 0) return withoutModels(marked, refused, reading);
  const named = spansLeft(marked, 'model').filter(({ from }) => {
    const before = marked.text.slice(Math.max(0, from - 40), from);
    return !isOther.test(before) && !isPast.test(before);
  });
  if (named.length === 0) return null;
  const rest = named.reduce((left, { from, to }) => blank(left, from, to), marked);
  const missing = named.find(({ span }) => span.ids.length === 0);
  if (missing) return { change: doubting(noSuchModel(missing.span.text, reading)), rest };
  const ids = [...new Set(named.flatMap(({ span }) => span.ids))];
  const only = named.find(({ span }) => span.ids.length === 1)?.span.ids[0];
  const isOne = only !== undefined && named.every(({ span }) => span.ids.includes(only));
  if (isOne) return { change: setting({ baseModel: only }), rest };
  const words = named.map(({ span }) => `"${span.text}"`).join(' and ');
  return {
    change: doubting({
      field: 'baseModel',
      text: `${words} can mean more than one model. Which one shall I train?`,
      options: modelOptions(ids),
    }),
    rest,
  };
};

/** `not gemma 2 2b`: what else is named counts, otherwise the others are offered. */
function withoutModels(
  marked: MarkedText,
  refused: { span: { ids: string[]; text: string }; from: number; to: number }[],
  reading: Reading,
): ReturnType<Reader> {
  const rest = refused.reduce((left, { from, to }) => blank(left, from, to), marked);
  const other = readBaseModel(rest, reading);
  if (other !== null) return other;
  const ids = new Set(refused.flatMap(({ span }) => span.ids));
  const left = reading.input.baseModels.map(({ id }) => id).filter((id) => !ids.has(id));
  if (ids.size === 0 || left.length === 0) return { change: setting({}), rest };
  const text = `You do not want ${refused.map(({ span }) => span.text).join(' or ')}. Which model shall I train?`;
  return { change: doubting({ field: 'baseModel', text, options: modelOptions(left) }), rest };
}

export const answerBaseModel: FieldReader = (text, reading) => {
  const value = text.trim();
  const meant = modelsMeant(value, reading.input.baseModels);
  if (meant.length === 1 && meant[0] !== undefined) return setting({ baseModel: meant[0] });
  const read = readBaseModel(markText(text, reading.input), reading);
  if (read) return { ...read.change, problems: (read.change.doubts ?? []).map((doubt) => doubt.text) };
  const near = reading.input.baseModels.find((m) => isNearly(value.toLowerCase(), m.id.toLowerCase()));
  if (near) return setting({ baseModel: near.id });
  return problem(`I do not have the model ${value.slice(0, 60)} here. I can train: ${modelList(reading)}.`);
};
