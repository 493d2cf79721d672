import type { BriefField } from '../../../campaign/brief.ts';
import { parseDuration } from '../../../lib/parse/amounts.ts';
import { tokenise } from '../../../lib/parse/tokens.ts';
import { wordValue } from '../../../lib/parse/words.ts';
import type { IntakeInput } from '../../port.ts';
import type { Draft } from './draft.ts';
import { markText } from './marked-text.ts';
import type { Span } from './spans/span.ts';

/** The evidence for a model's value. */
interface Ground {
  /** The person's message. */
  text: string;
  /** The value as the model wrote it. */
  value: string;
  /** The change that the readers of the form made of it. */
  patch: Partial<Draft>;
  input: IntakeInput;
  spans: readonly Span[];
}

const numbersIn = (text: string): number[] =>
  tokenise(text).flatMap((token) =>
    token.kind === 'number' ? [token.value] : (wordValue(token.text) ?? []),
  );

/** A number of the value occurs in the text, as a share or as percent. */
const hasNumber = ({ text, value }: Ground): boolean => {
  const said = numbersIn(text);
  const wanted = numbersIn(value);
  return wanted.length === 0
    ? /\b(?:no|none|without|never|forget|drop|any|remove)\b/i.test(text)
    : wanted.every((number) =>
        said.some((other) =>
          [other, other * 100, other / 100].some((form) => Math.abs(form - number) < 1e-9),
        ),
      );
};

const wordsIn = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}-]*/gu) ?? [];
/** A distinctive word of the value occurs in the text. */
const hasWord = ({ text, value }: Ground): boolean => {
  const said = wordsIn(text);
  return wordsIn(value).some(
    (word) => word.length >= 2 && said.some((other) => other === word || other === `${word}s`),
  );
};

const methodWords: [RegExp, RegExp][] = [
  [/\blora|both|adapter/i, /\b(?:q?-?lora|adapters?|peft|both|low[- ]rank)\b/i],
  [/\bfull|both/i, /\b(?:full|all (?:the )?(?:weights|parameters)|both)\b/i],
  [/\bdpo/i, /\b(?:dpo|preferences?|pairs?|better|worse|chosen|rejected)\b/i],
  [/\bgrpo/i, /\b(?:grpo|reinforcement|rl|rlvr|rewards?)\b/i],
  [/\bsft/i, /\b(?:sft|supervised)\b/i],
];
const hasMethod = ({ text, value }: Ground): boolean =>
  methodWords.some(([wanted, said]) => wanted.test(value) && said.test(text));

/**
 * How each field shows that the person said it. Money has a rule of its own where it is read.
 * A title is given in quotation of the person alone; what rows to leave out may be said in any words.
 */
const bindings: Record<BriefField, (ground: Ground) => boolean> = {
  data: (ground) =>
    hasWord(ground) ||
    ground.input.entries.some((entry) => entry.kind === 'message' && entry.files.length > 0),
  badRows: () => true,
  metric: ({ spans, patch, ...rest }) =>
    patch.metric == null ||
    spans.some((span) => span.kind === 'metric' && span.metric === patch.metric) ||
    (!spans.some((span) => span.kind === 'metric') && hasWord({ spans, patch, ...rest })),
  budget: () => true,
  askAbove: () => true,
  usdPerHour: () => true,
  baseModel: ({ spans, patch }) =>
    patch.baseModel == null ||
    spans.some((span) => span.kind === 'model' && span.ids.includes(patch.baseModel ?? '')),
  methods: hasMethod,
  objective: hasMethod,
  target: hasNumber,
  parallel: (ground) => hasNumber(ground) || /\b(?:one|sequential\w*|parallel)\b/i.test(ground.text),
  deadline: ({ spans, patch, value }) =>
    patch.deadline === null ||
    spans.some(
      (span) => span.kind === 'moment' || (span.kind === 'time' && span.seconds === parseDuration(value)),
    ),
  maxNodes: hasNumber,
  policy: hasWord,
  title: hasWord,
};

/** True when a value from a language model occurs in the person's own words. */
export function isBound(
  field: BriefField,
  value: string,
  patch: Partial<Draft>,
  said: { text: string; input: IntakeInput },
): boolean {
  const { spans } = markText(said.text, said.input);
  return bindings[field]({ ...said, value, patch, spans });
}
