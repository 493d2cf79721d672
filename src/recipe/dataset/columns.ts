import { lastAnswer, readChat } from './read-chat.ts';
import type { Fields } from './record.ts';

/** What one record gave: a row, or why it is none. `converted` when a number or true/false became text. */
type Reading =
  | { ok: true; prompt: string; completion: string; rejected?: string; converted: boolean }
  | { ok: false; problem: string };

/** The chosen columns, as spelled in the file, and how to read a record with them. */
export interface Columns {
  prompt: string;
  completion: string;
  /** The column of worse answers, for preferences; unset where there is none. */
  rejected?: string;
  read(fields: Fields): Reading;
}

/** Pairs in order of preference; an instruction may have an input beside it. Then any prompt with any completion. */
const pairs: readonly (readonly [string, string])[] = [
  ['prompt', 'completion'],
  ['instruction', 'output'],
  ['instruction', 'response'],
  ['input', 'output'],
  ['question', 'answer'],
  ['text', 'label'],
  ['source', 'target'],
  ...['prompt', 'instruction', 'question', 'input', 'text', 'source'].flatMap((prompt) =>
    ['completion', 'chosen', 'response', 'output', 'answer', 'label', 'target'].map(
      (completion) => [prompt, completion] as const,
    ),
  ),
];
const chatKeys = ['messages', 'conversations'];
/** Preference data without a prompt of its own: a chat that ends with the better answer. */
const chosenKey = 'chosen';

const plain = (key: string): string => key.trim().toLowerCase();

/** Chooses the columns that most of these records have; null when no known pair occurs in any of them. */
export function findColumns(records: readonly Fields[]): Columns | null {
  const spelled = new Map<string, string>();
  const votes = new Map<string, number>();
  for (const fields of records) {
    const keys = new Set<string>();
    for (const key of Object.keys(fields)) {
      keys.add(plain(key));
      if (!spelled.has(plain(key))) spelled.set(plain(key), key);
    }
    for (const pair of pairs)
      if (pair.every((key) => keys.has(key))) votes.set(pair.join('/'), (votes.get(pair.join('/')) ?? 0) + 1);
    for (const key of [...chatKeys, chosenKey]) if (keys.has(key)) votes.set(key, (votes.get(key) ?? 0) + 1);
  }
  const [first, second] = (pairs[0] as readonly [string, string]).map(String);
  const order = [
    `${first}/${second}`,
    ...chatKeys,
    ...pairs.slice(1).map((pair) => pair.join('/')),
    chosenKey,
  ];
  let best: string | null = null;
  for (const choice of order)
    if ((votes.get(choice) ?? 0) > (best === null ? 0 : (votes.get(best) ?? 0))) best = choice;
  if (best === null) return null;

  const spelling = (key: string): string => spelled.get(key) ?? key;
  const [promptKey, completionKey] = best.split('/');
  const worse = spelled.get('rejected') ?? null;
  if (promptKey === undefined || completionKey === undefined) return chatColumns(spelling(best), worse);
  const hasContext = promptKey === 'instruction' && completionKey !== 'input' && spelled.has('input');
  const context = hasContext ? spelling('input') : null;
  return pairColumns(spelling(promptKey), spelling(completionKey), context, worse);
}

/** Columns by position, for a CSV file without a header. */
export const twoColumns = (): Columns => pairColumns('column 1', 'column 2', null, null);

function pairColumns(
  prompt: string,
  completion: string,
  context: string | null,
  rejected: string | null,
): Columns {
  return {
    prompt: context === null ? prompt : `${prompt} + ${context}`,
    completion,
    ...(rejected === null ? {} : { rejected }),
    read: (fields) => {
      const question = textOf(fields, prompt);
      if (!question.ok) return question;
      const answer = answerOf(fields, completion);
      if (!answer.ok) return answer;
      const beside = context === null ? undefined : fieldOf(fields, context);
      const added = typeof beside === 'string' && beside.trim() !== '' ? `\n${beside}` : '';
      return {
        ok: true,
        prompt: question.text + added,
        completion: answer.text,
        ...worseOf(fields, rejected, answer.text),
        converted: question.converted || answer.converted,
      };
    },
  };
}

const chatColumns = (key: string, rejected: string | null): Columns => ({
  prompt: key,
  completion: `${key} (last assistant turn)`,
  ...(rejected === null ? {} : { rejected }),
  read: (fields) => {
    const chat = readChat(fieldOf(fields, key), key);
    return chat.ok ? { ...chat, ...worseOf(fields, rejected, chat.completion), converted: false } : chat;
  },
});

/** An answer as text, or as a chat that ends with it, as preference data has them. */
function answerOf(fields: Fields, key: string): ReturnType<typeof textOf> {
  const value = fieldOf(fields, key);
  if (!Array.isArray(value)) return textOf(fields, key);
  const text = lastAnswer(value);
  return text === null
    ? { ok: false, problem: `\`${key}\` has no assistant turn` }
    : { ok: true, text, converted: false };
}

/** The worse answer of a pair; a row without one, or with the same one twice, is a row all the same. */
function worseOf(fields: Fields, key: string | null, better: string): { rejected?: string } {
  if (key === null) return {};
  const answer = answerOf(fields, key);
  return answer.ok && answer.text.trim() !== better.trim() ? { rejected: answer.text } : {};
}

function fieldOf(fields: Fields, key: string): unknown {
  if (Object.hasOwn(fields, key)) return fields[key];
  const other = Object.keys(fields).find((name) => plain(name) === plain(key));
  return other === undefined ? undefined : fields[other];
}

function textOf(
  fields: Fields,
  key: string,
): { ok: true; text: string; converted: boolean } | { ok: false; problem: string } {
  const value = fieldOf(fields, key);
  if (value === undefined || value === null) return { ok: false, problem: `missing \`${key}\`` };
  if (typeof value === 'number' || typeof value === 'boolean')
    return { ok: true, text: String(value), converted: true };
  if (typeof value !== 'string') return { ok: false, problem: `\`${key}\` is not text` };
  if (value.trim() === '') return { ok: false, problem: `empty \`${key}\`` };
  return { ok: true, text: value, converted: false };
}
