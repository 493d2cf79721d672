import type { Fields } from './record.ts';

/** The columns of a row by their role, as they are spelled in the file. */
export interface Layout {
  /** The prompt is their texts, one under the other; only the first is required. Empty: the answer's turns hold it. */
  prompts: readonly string[];
  /** An answer, or a chat that ends with it. */
  completion: string;
  /** The file's own system turn, as a person named it; unset: known by its name. */
  system?: string;
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

const chats = ['messages', 'conversations', 'conversation'];
/** The known choices, best first. A chat by itself is a whole row; so is a better answer that comes as a chat. */
const choices: readonly (readonly string[])[] = [
  ['prompt', 'completion'],
  ...chats.map((key) => [key]),
  ...pairs.slice(1),
  ['chosen'],
];
/** A choice counts when it is in at least this share of the rows of the most frequent one: a few odd rows do not decide. */
const nearlyAll = 0.75;

export const fold = (name: string): string => name.trim().toLowerCase();

/** Chooses the columns that nearly all of these records have; null when no known choice is in any of them. */
export function chooseColumns(records: readonly Fields[]): Layout | null {
  const spelled = new Map<string, string>();
  const votes = new Map<readonly string[], number>();
  for (const fields of records) {
    const there = new Set<string>();
    for (const [key, value] of Object.entries(fields)) {
      if (value === null || value === undefined) continue;
      there.add(fold(key));
      if (!spelled.has(fold(key))) spelled.set(fold(key), key);
    }
    for (const choice of choices)
      if (choice.every((key) => there.has(key))) votes.set(choice, (votes.get(choice) ?? 0) + 1);
  }
  const enough = nearlyAll * Math.max(0, ...votes.values());
  const best = choices.find((choice) => votes.has(choice) && votes.get(choice)! >= enough);
  if (best === undefined) return null;
  const [first, second] = best.map((key) => spelled.get(key) ?? key);
  if (second === undefined) return { prompts: [], completion: first! };
  const beside = best[0] === 'instruction' && best[1] !== 'input' ? [spelled.get('input') ?? 'input'] : [];
  return { prompts: [first!, ...beside], completion: second };
}

/** Whether these names are those of a row, not of an object that holds rows. */
export const isRow = (names: readonly string[]): boolean =>
  chooseColumns([Object.fromEntries(names.map((name) => [name, '']))]) !== null;
