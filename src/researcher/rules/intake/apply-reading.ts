import { type BriefField, briefFields, type CostLimit } from '../../../campaign/brief.ts';
import type { IntakeEntry, MessageReading } from '../../../campaign/intake-entry.ts';
import type { IntakeInput, IntakeTurn } from '../../port.ts';
import { fieldTitles, readEdit } from './answer.ts';
import { isBound } from './bound.ts';
import { type Change, type Draft, keysOf } from './draft.ts';
import { markText } from './marked-text.ts';
import { nextQuestion } from './questions.ts';
import { readMessage } from './read-message.ts';
import type { Reading } from './reading.ts';

type Message = Extract<IntakeEntry, { kind: 'message' }>;

const moneyFields = ['budget', 'askAbove'] as const;

/**
 * Folds a message by the rules and by a language model's reading. The model adds fields that the rules did not find and
 * corrects the rest, every value through the readers of the Edit form. Limits of money are the rules' reading where
 * they have one, and otherwise must occur in the person's own text: no attached row can name a sum, and no stated limit
 * gets lost. Every other value must occur in the person's words as well. The goal stays in the person's words, and a
 * message with files never cancels.
 */
export function applyReading(
  message: Message,
  reading: MessageReading,
  draft: Draft,
  input: IntakeInput,
): Change & { rejected: IntakeTurn['rejected'] } {
  const question = nextQuestion(draft, input);
  const byRules = readMessage(message, draft, question, input);
  if (byRules.patch.cancelled || (reading.cancelled && message.files.length === 0))
    return { patch: { cancelled: true }, problems: [], rejected: {} };
  const context: Reading = {
    input,
    draft: { ...draft, ...byRules.patch },
    pending: question?.field ?? null,
  };
  const { patch, rejected } = readEdit(reading.values, context);
  const doubted = new Set((byRules.doubts ?? []).map((doubt) => doubt.field));
  for (const field of briefFields) {
    const value = reading.values[field];
    if (value === undefined || value === 'default') continue;
    // A doubt of the rules is for the person to answer, and a value that occurs nowhere in their words was not said.
    const isSaid = !doubted.has(field) && isBound(field, value, patch, { text: message.text, input });
    if (isSaid) continue;
    for (const key of keysOf(field)) delete patch[key];
    if (!doubted.has(field))
      rejected[field] =
        `I find no words for ${fieldTitles[field]} "${value.slice(0, 40)}" in what you wrote.`;
  }
  for (const field of moneyFields) {
    const limit = patch[field];
    if (limit === undefined) continue;
    delete patch[field];
    if (byRules.patch[field] !== undefined || limit === null) continue;
    if (isSaid(limit, message.text, input)) patch[field] = limit;
    else
      rejected[field] =
        `I take ${field === 'budget' ? 'a budget' : 'a limit for asking'} only from your own words, as an amount such as \`15 min\`.`;
  }
  const price = patch.usdPerHour;
  if (
    price != null &&
    byRules.patch.usdPerHour === undefined &&
    !isSaid({ computeSeconds: null, usd: price }, message.text, input)
  ) {
    delete patch.usdPerHour;
    rejected.usdPerHour = 'I take a price only from your own words, such as `$2.50 an hour`.';
  }
  const goal = goalWith(message.text, reading.saysGoal, draft, patch);
  return {
    ...byRules,
    patch: { ...byRules.patch, ...patch, ...goal },
    words: { ...byRules.words, ...wordsOf(reading, message.text) },
    problems: [...byRules.problems, ...Object.values(rejected)],
    rejected,
  };
}

/** Values that occur in the message verbatim are the person's own words. */
const wordsOf = (reading: MessageReading, text: string): Partial<Record<BriefField, string>> =>
  Object.fromEntries(
    Object.entries(reading.values).filter(([, value]) => text.toLowerCase().includes(value.toLowerCase())),
  );

/** The text holds the amount itself. */
const isSaid = (limit: CostLimit, text: string, input: IntakeInput): boolean =>
  markText(text, input).spans.some((span) => {
    switch (span.kind) {
      case 'time':
        return span.seconds === limit.computeSeconds;
      case 'gpuTime':
        return span.seconds / input.gpusPerSlot === limit.computeSeconds;
      case 'usd':
      case 'price':
        return span.usd === limit.usd;
      default:
        return false;
    }
  });

const maxGoalCharacters = 1900;

/** The person's words are added; another task is another goal. */
function goalWith(text: string, saysGoal: boolean, draft: Draft, patch: Partial<Draft>): Partial<Draft> {
  const switched = typeof patch.task === 'string' && draft.task !== null && patch.task !== draft.task;
  const before = switched ? [] : draft.goal;
  const words = text
    .replace(/<@[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const fits = before.join('\n').length + words.length <= maxGoalCharacters;
  return { goal: saysGoal && words !== '' && fits ? [...before, words] : before };
}
