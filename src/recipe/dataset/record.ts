import { itemTexts, memberTexts } from './raw-json.ts';

/** Named values of one row, as in the file. */
export type Fields = Record<string, unknown>;

/** One row of a file before its columns are known. `line` is 1-based. */
export interface FileRecord {
  line: number;
  /** Its size in the file, about. */
  bytes: number;
  /** Null when the row could not be read; `problem` says why. */
  fields: Fields | null;
  problem: string | null;
  /** The beginning of its text, for people. */
  excerpt(): string;
  /** The text in the file of a value that is not a text: `2.50` for a number, `{"a": 1}` for an object. */
  written(name: string): string;
  /** Set when the file itself keeps the row for evaluation. */
  split?: 'evaluation';
}

/** A value, and how it is written in the file. */
export interface Written {
  value: unknown;
  text(): string;
}

/** A member of an object; undefined where there is none, or null. */
export function memberOf(from: Written, name: string): Written | undefined {
  const value = (from.value as Fields)[name];
  if (value === undefined || value === null) return undefined;
  return { value, text: () => memberTexts(from.text()).get(name) ?? '' };
}

/** The items of a list. Their texts are found once for all, and only when one is asked for. */
export function itemsOf(from: Written): Written[] {
  let texts: string[] | null = null;
  const textAt = (i: number): string => {
    texts ??= itemTexts(from.text());
    return texts[i] ?? '';
  };
  return (from.value as unknown[]).map((value, i) => ({ value, text: () => textAt(i) }));
}

/** Text as it is, any other value as it is written in the file. */
export const textOf = (from: Written): string => (typeof from.value === 'string' ? from.value : from.text());
