import { type Brief, searchPolicies } from '../../../campaign/brief.ts';
import { isNearly } from '../../../lib/parse/words.ts';
import { type MetricName, metricNames } from '../../../scoring/types.ts';
import type { Change } from './draft.ts';
import { markText, take } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

const set = (patch: Change['patch']): Change => ({ patch, problems: [] });

export const metricTitles: Record<MetricName, string> = {
  exact_match: 'exact match',
  accuracy: 'accuracy',
  token_f1: 'token F1',
  rouge_l: 'ROUGE-L',
  contains: 'contains the answer',
};

const metricWords: [MetricName, RegExp][] = [
  [
    'exact_match',
    /\b(?:exact[- _]?match(?:es)?|exact(?:ly)? (?:equal|the same)|em score|string match|word for word|exact answers?)\b/,
  ],
  ['token_f1', /\b(?:token[- _]?f1|f[- ]?1(?:[- ]?score)?|f1|word overlap|token overlap)\b/],
  ['rouge_l', /\b(?:rouge(?:[- _]?(?:l|1|2|lsum))?)(?:[- ]score)?\b/],
  [
    'contains',
    /\b(?:contains(?: (?:match|the answer))?|substring(?: match)?|answer (?:is )?contained|includes? the answer)\b/,
  ],
  [
    'accuracy',
    /\b(?:accuracy|acc|share (?:of )?(?:right|correct)|percent(?:age)? (?:right|correct)|classification rate)\b/,
  ],
];
const emWord = /\bem\b/;
const unknownMetric =
  /\b(?:bleu|perplexity|ppl|meteor|bertscore|auc|roc|mcc|precision|recall|win ?rate|wer|cer|mse|mae|rmse|llm judge|human eval\w*|chrf)\b/;
const noMetrics =
  'I can measure exact match, accuracy, token F1, ROUGE-L, or whether the answer is contained.';

export const readMetric: Reader = (marked, { pending }) => {
  for (const [metric, pattern] of metricWords) {
    const found = take(marked, pattern);
    if (found) return { change: set({ metric, metricOpen: false }), rest: found.rest };
  }
  // "em" alone is also a casual "them": only with a capital-like use or a word of measuring nearby.
  const em =
    /\b(?:metric|measure|score|use|using|by|on|with|is|and)\W{1,3}em\b|\bem (?:score|metric|is|of|on|at|above)\b|^\W*em\W*$/.test(
      marked.text,
    );
  const asEm = em ? take(marked, emWord) : null;
  if (asEm) return { change: set({ metric: 'exact_match', metricOpen: false }), rest: asEm.rest };
  const other = take(marked, unknownMetric);
  if (other && (pending === 'metric' || /\b(?:metric|measure|score|optimi[sz]e|by)\b/.test(marked.text)))
    return {
      change: { patch: {}, problems: [`I cannot measure ${other.match[0]} yet. ${noMetrics}`] },
      rest: other.rest,
    };
  return null;
};

export const answerMetric: FieldReader = (text, reading) => {
  const marked = markText(text);
  const value = text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  const named = metricNames.find((name) => name === value);
  if (named) return set({ metric: named, metricOpen: false });
  if (
    /^\W*(?:other|something else|else|another(?: one)?|no|nope|not (?:that|this)(?: one)?)\W*$/.test(
      marked.text,
    )
  )
    return set({ metric: null, metricOpen: true });
  const read = readMetric(marked, { ...reading, pending: 'metric' });
  if (read) return read.change;
  const word = marked.text.trim().replace(/\W+/g, ' ').trim();
  for (const [metric, title] of Object.entries(metricTitles) as [MetricName, string][])
    if (isNearly(word, title.toLowerCase())) return set({ metric, metricOpen: false });
  if (/^\s*exact\W*$/.test(marked.text)) return set({ metric: 'exact_match', metricOpen: false });
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
    if (found) return { change: set({ policy }), rest: found.rest };
  }
  return null;
};

export const answerPolicy: FieldReader = (text, reading) => {
  const value = searchPolicies.find((name) => isNearly(text.trim().toLowerCase(), name));
  return value ? set({ policy: value }) : (readPolicy(markText(text), reading)?.change ?? null);
};

function modelIn(text: string, { input }: Reading): string | null {
  const plain = (value: string): string =>
    value
      .toLowerCase()
      .replace(/[^a-z0-9.]+/g, ' ')
      .trim();
  const hay = ` ${plain(text)} `;
  const named = input.baseModels.find(
    (m) =>
      hay.includes(` ${plain(m.id)} `) || (plain(m.title).length > 2 && hay.includes(` ${plain(m.title)} `)),
  );
  if (named) return named.id;
  const first = input.baseModels.filter((m) => hay.includes(` ${plain(m.id).split(' ')[0]} `));
  return first.length === 1 ? (first[0]?.id ?? null) : null;
}

const modelList = ({ input }: Reading): string => input.baseModels.map((m) => m.id).join(', ');
const foreignModel =
  /\b(?:base model|model)(?: is|:|=| should be)?\s+((?:[a-z]+[-.]?)*\d[\w.-]*|qwen\S*|llama\S*|mistral\S*|gemma\S*|phi-?\d\S*|gpt\S*|smollm\S*)|\b((?:qwen|llama|mistral|gemma|phi-\d|gpt-?\d|smollm|deepseek|bert)[\w.-]*)/;

export const readBaseModel: Reader = (marked, reading) => {
  const known = modelIn(marked.text, reading);
  if (known) {
    const id = known.toLowerCase();
    const at = marked.text.indexOf(id);
    const rest =
      at < 0
        ? marked
        : {
            ...marked,
            text: marked.text.slice(0, at) + ' '.repeat(id.length) + marked.text.slice(at + id.length),
          };
    return { change: set({ baseModel: known }), rest };
  }
  const unknown = take(marked, foreignModel);
  if (!unknown) return null;
  const name = (unknown.match[1] ?? unknown.match[2] ?? '').replace(/[.,]+$/, '');
  return {
    change: {
      patch: {},
      problems: [`I do not have the model ${name} here. I can train: ${modelList(reading)}.`],
    },
    rest: unknown.rest,
  };
};

export const answerBaseModel: FieldReader = (text, reading) => {
  const known = modelIn(text, reading);
  if (known) return set({ baseModel: known });
  const word = text.trim().toLowerCase();
  const near = reading.input.baseModels.find((m) => isNearly(word, m.id.toLowerCase()));
  if (near) return set({ baseModel: near.id });
  return {
    patch: {},
    problems: [
      `I do not have the model ${text.trim().slice(0, 60)} here. I can train: ${modelList(reading)}.`,
    ],
  };
};
