import { clipLine } from '../lib/text.ts';
import { wordClass } from './text.ts';

/** Prompts of one form, and the share of them that fails. */
export interface PromptForm {
  /** For people: parts that all prompts of the form share as they are, the rest as 9 and a: `the 9 of Aa 9999`. */
  form: string;
  items: number;
  failed: number;
  /** Share of all failures, in [0, 1]. */
  shareOfFailures: number;
  /** Share of the items of this form that fail, in [0, 1]. */
  failureRate: number;
  /** A failing prompt if there is one; at most 120 characters. */
  example: string;
}

interface Prompt {
  prompt: string;
  failed: boolean;
}

/** Longer prompts are grouped by length alone: two sentences rarely have the same form. */
const maxParts = 24;

const partsOf = (prompt: string): string[] =>
  prompt
    .normalize('NFC')
    .trim()
    .match(/\p{Nd}+|\p{L}[\p{L}\p{M}]*|\s+|./gsu) ?? [];

const isNumber = (part: string): boolean => /^\p{Nd}/u.test(part);

/** A number of any length is 9, so that `the 3rd` and `the 23rd` have one form. */
function maskOf(part: string): string {
  if (isNumber(part)) return '9';
  if (/^\p{L}/u.test(part)) return wordClass(part);
  return /^\s/u.test(part) ? ' ' : part;
}

const formOf = (parts: readonly string[]): string => parts.map(maskOf).join('');

/** Number of parts that every prompt starts with (an instruction), in whole words; they would hide the differences. */
function sharedStart(all: readonly string[][]): number {
  const first = all[0] ?? [];
  if (all.length < 2) return 0;
  let length = 0;
  while (length < first.length && all.every((parts) => parts[length] === first[length])) length += 1;
  while (length > 0 && !/^\s/u.test(first[length - 1] as string)) length -= 1;
  return length;
}

function lengthKey(parts: readonly string[]): string {
  const words = parts.filter((part) => /^[\p{L}\p{N}]/u.test(part)).length;
  const from = 2 ** Math.floor(Math.log2(Math.max(1, words)));
  return `text of ${from} to ${2 * from - 1} words`;
}

/** The part at each place: the word itself where all members share it, else its mask. */
function describe(members: readonly string[][]): string {
  const first = members[0] as string[];
  const masked = first.map((part, i) => {
    const all = members.map((parts) => parts[i] as string);
    if (/^\s/u.test(part)) return ' ';
    if (members.length > 1 && all.every((other) => other === part)) return part;
    const sameLength = all.every((other) => other.length === part.length);
    return isNumber(part) && sameLength ? '9'.repeat(Math.min(8, part.length)) : maskOf(part);
  });
  return masked.join('');
}

/**
 * Groups prompts by their form and says which forms fail most: most failures first, ties by form. At most `limit`
 * groups; give all items of the split, failing or not, so that rates mean something.
 */
export function byPromptShape(items: readonly Prompt[], limit = 8): PromptForm[] {
  const all = items.map((item) => partsOf(item.prompt));
  const start = sharedStart(all);
  const groups = new Map<string, { members: string[][]; long: boolean; prompts: Prompt[] }>();
  items.forEach((item, i) => {
    const parts = (all[i] as string[]).slice(start);
    const long = parts.length > maxParts;
    const key = long ? lengthKey(parts) : formOf(parts);
    const group = groups.get(key) ?? { members: [], long, prompts: [] };
    group.members.push(parts);
    group.prompts.push(item);
    groups.set(key, group);
  });
  const failures = items.filter((item) => item.failed).length;
  return [...groups]
    .map(([key, { members, long, prompts }]) => {
      const failed = prompts.filter((item) => item.failed);
      return {
        form: long ? key : clipLine(describe(members), 60),
        items: prompts.length,
        failed: failed.length,
        shareOfFailures: failures === 0 ? 0 : failed.length / failures,
        failureRate: failed.length / prompts.length,
        example: clipLine((failed[0] ?? prompts[0])?.prompt ?? '', 120),
      };
    })
    .sort((a, b) => b.failed - a.failed || (a.form < b.form ? -1 : 1))
    .slice(0, limit);
}
