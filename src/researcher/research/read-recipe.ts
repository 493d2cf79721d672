import { cleanLine } from '../clean-text.ts';

/**
 * How a model was trained and with what result, read from a text by patterns: nothing beyond the text, in its own
 * words.
 */
export interface ReadRecipe {
  methods: string[];
  settings: string[];
  /** The sentence that states a result, and whether there is one; else the first sentence. */
  quote: string;
  hasResult: boolean;
}

const methods: [RegExp, string][] = [
  [/\bqlora\b/i, 'QLoRA'],
  [/\blora\b|low-rank adapt/i, 'LoRA'],
  [/\bfull(?:-parameter)? fine-?tun/i, 'full fine-tuning'],
  [/\b(?:instruction|supervised)[- ](?:fine-?)?tun/i, 'supervised fine-tuning'],
  [/\bdistill?(?:ed|ing|ation)\b/i, 'distillation'],
  [/\bsynthetic(?:ally)?\b|\bself-instruct\b/i, 'synthetic data'],
  [/\b(?:data|quality) (?:filtering|selection|curation)\b|\bfiltered data\b/i, 'data filtering'],
  [/\bde-?duplicat/i, 'deduplication'],
  [/\bcurriculum\b/i, 'curriculum'],
  [/\bdata augmentation\b|\baugmented data\b/i, 'data augmentation'],
  [/\b(?:direct preference optimi[sz]ation|dpo)\b/i, 'DPO'],
  [/\brejection sampling\b/i, 'rejection sampling'],
  [/\breinforcement learning\b|\bgrpo\b|\brlhf\b/i, 'reinforcement learning'],
];

const settings: [RegExp, (value: string) => string][] = [
  [
    /\blearning rates?(?: is| was)?(?: set)?(?: of| to| =|:)? ?(\d+(?:\.\d+)?(?:e[-−–]?\d+| ?[×x*] ?10\^?\{?[-−–]\d+\}?)|0\.0\d+)/i,
    (v) =>
      `learning rate ${v
        .replace(/ ?[×x*] ?10\^?\{?/, 'e')
        .replace(/[−–]/, '-')
        .replace('}', '')}`,
  ],
  [/\b(\d{1,3}) epochs?\b/i, (v) => `${v} ${v === '1' ? 'epoch' : 'epochs'}`],
  [/\bbatch sizes?(?: is| was)?(?: set)?(?: of| to| =|:)? ?(\d{1,5})\b/i, (v) => `batch size ${v}`],
  [/\brank(?: r)?(?: of| =|:)? ?(\d{1,4})\b/i, (v) => `rank ${v}`],
];

const number = /(?<!\d)\d{1,6}(?:\.\d{1,6})? ?(?:%|percent|points?|x\b|×)|\b0\.\d{2,6}|\b\d{2}\.\d{1,6}/i;
const outcome =
  /\b(?:improv|outperform|achiev|reach|attain|gain|increas|surpass|exceed|reduc|boost|rais|score|accuracy|f1|rouge|bleu|exact match)/i;

/** @param text an abstract, which is quoted @param body the whole text where there is one, for settings alone */
export function readRecipe(text: string, body = ''): ReadRecipe {
  const sentences = sentencesOf(text, longest.abstract);
  const result = sentences.find((s) => number.test(s) && outcome.test(s));
  const trained = sentencesOf(body, longest.body).filter((s) =>
    /\b(?:train|fine-?tun|optimi[sz]|adam)/i.test(s),
  );
  return {
    methods: methods.flatMap(([pattern, name]) => (pattern.test(text) ? [name] : [])),
    settings: readSettings([...sentences, ...trained]),
    quote: cleanLine(result ?? sentences[0] ?? '', 400),
    hasResult: result !== undefined,
  };
}

function readSettings(sentences: readonly string[]): string[] {
  return settings.flatMap(([pattern, say]) => {
    for (const sentence of sentences) {
      const value = pattern.exec(sentence)?.[1];
      if (value !== undefined) return [say(value)];
    }
    return [];
  });
}

/** Limits of the text examined: its length is up to others. */
const longest = { abstract: 10_000, body: 400_000, sentence: 1000 };

const sentencesOf = (text: string, maxChars: number): string[] =>
  (text === '' ? [] : cleanLine(text, maxChars).split(/(?<=[.!?])\s+(?=[\p{Lu}\d"(])/u)).map((sentence) =>
    sentence.slice(0, longest.sentence),
  );
