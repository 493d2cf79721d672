import { readChat } from './read-chat.ts';
import type { Fields } from './record.ts';

/** What one record gave: a row, or why it is none. `converted` when a number or true/false became text. */
type Reading =
  | { ok: true; prompt: string; completion: string; converted: boolean }
  | { ok: false; problem: string };

/** The chosen columns, as spelled in the file, and how to read a record with them. */
export interface Columns {
  prompt: string;
  completion: string;
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
    ['completion', 'response', 'output', 'answer', 'label', 'target'].map(
      (completion) => [prompt, completion] as const,
    ),
  ),
];
const chatKeys = ['messages', 'conversations'];

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
    for (const key of chatKeys) if (keys.has(key)) votes.set(key, (votes.get(key) ?? 0) + 1);
  }
  const [first, second] = (pairs[0] as readonly [string, string]).map(String);
  const order = [`${first}/${second}`, ...chatKeys, ...pairs.slice(1).map((pair) => pair.join('/'))];
  let best: string | null = null;
  for (const choice of order)
    if ((votes.get(choice) ?? 0) > (best === null ? 0 : (votes.get(best) ?? 0))) best = choice;
  if (best === null) return null;

  const spelling = (key: string): string => spelled.get(key) ?? key;
  const [promptKey, completionKey] = best.split('/');
  if (promptKey === undefined || completionKey === undefined) return chatColumns(spelling(best));
  const hasContext = promptKey === 'instruction' && completionKey !== 'input' && spelled.has('input');
  return pairColumns(spelling(promptKey), spelling(completionKey), hasContext ? spelling('input') : null);
}

/** Columns by position, for a CSV file without a header. */
export const twoColumns = (): Columns => pairColumns('column 1', 'column 2', null);

function pairColumns(prompt: string, completion: string, context: string | null): Columns {
  return {
    prompt: context === null ? prompt : `${prompt} + ${context}`,
    completion,
    read: (fields) => {
      const question = textOf(fields, prompt);
      if (!question.ok) return question;
      const answer = textOf(fields, completion);
      if (!answer.ok) return answer;
      const beside = context === null ? undefined : fieldOf(fields, context);
      const added = typeof beside === 'string' && beside.trim() !== '' ? `\n${beside}` : '';
      return {
        ok: true,
        prompt: question.text + added,
        completion: answer.text,
        converted: question.converted || answer.converted,
      };
    },
  };
}

const chatColumns = (key: string): Columns => ({
  prompt: key,
  completion: `${key} (last assistant turn)`,
  read: (fields) => {
    const chat = readChat(fieldOf(fields, key), key);
    return chat.ok ? { ...chat, converted: false } : chat;
  },
});

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
