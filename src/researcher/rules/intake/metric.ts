import { isNearly } from '../../../lib/parse/words.ts';
import { capitalise } from '../../../lib/text.ts';
import { type MetricName, metricNames } from '../../../scoring/types.ts';
import { doubting, setting } from './draft.ts';
import { blank, markText, spansLeft } from './marked-text.ts';
import type { FieldReader, Reader } from './reading.ts';

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
