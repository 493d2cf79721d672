import { isNearly } from '../../../lib/parse/words.ts';
import { type Doubt, doubting, problem, setting } from './draft.ts';
import { blank, type MarkedText, markText, spansLeft } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';
import { modelsMeant, nearestModels } from './spans/find-models.ts';

const modelList = ({ input }: Reading): string => input.baseModels.map((m) => m.id).join(', ');
/** A model that wrote the data, or that is to be beaten, is not the one to train. */
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

/** `not gemma 2 2b`: other named models count, otherwise the others are offered. */
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
