import { clipLine } from '../lib/text.ts';
import { normalise, shapeOf, wordsOf } from './text.ts';

/** A failing item; `prediction` is the model's answer. */
export interface FailingItem {
  prompt: string;
  expected: string;
  prediction: string;
}

export type MistakeCode =
  | 'empty'
  | 'letter_case'
  | 'spacing'
  | 'copied_prompt'
  | 'wrong_label'
  | 'truncated'
  | 'extra_text'
  | 'swapped_fields'
  | 'wrong_order'
  | 'one_digit'
  | 'one_number'
  | 'other_form'
  | 'wrong_content'
  | 'wrong_span'
  | 'repeats'
  | 'partly_right'
  | 'other';

/** Mistakes of one kind. */
export interface MistakeKind {
  code: MistakeCode;
  /** A piece of a sentence: `the answer is in another form`, `day and month are swapped`. */
  kind: string;
  count: number;
  /** Share of all mistakes, in (0, 1]. */
  share: number;
  /** `"3/5/21" gave "2021-05-03", expected "2021-03-05"`; each text cut to 60 characters. */
  example: string;
}

interface Found {
  code: MistakeCode;
  kind: string;
}

const compact = (text: string): string => text.replace(/[\s\p{P}]+/gu, '');
const fieldsOf = (text: string): string[] => text.match(/\p{Nd}+|[\p{L}\p{M}]+/gu) ?? [];
const sameMembers = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && [...a].sort().join('\u0000') === [...b].sort().join('\u0000');

const isoDate = /^9{4}-99-99$/;
const isoFields = ['year', 'month', 'day'] as const;
const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'] as const;

function swapped(expected: string, prediction: string): Found | null {
  const a = fieldsOf(expected);
  const b = fieldsOf(prediction);
  if (a.length < 2 || !sameMembers(a, b)) return null;
  const moved = a.flatMap((field, i) => (field === b[i] ? [] : [i]));
  if (moved.length === 0) return null;
  if (isoDate.test(shapeOf(expected)) && isoDate.test(shapeOf(prediction)) && moved.join() === '1,2') {
    return { code: 'swapped_fields', kind: 'day and month are swapped' };
  }
  return moved.length === 2
    ? { code: 'swapped_fields', kind: 'two parts are swapped' }
    : { code: 'wrong_order', kind: 'the parts are in the wrong order' };
}

function digitsApart(a: string, b: string): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let apart = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) apart += 1;
  return apart;
}

/** Finds answers that are equal except for their numbers. */
function wrongNumber(expected: string, prediction: string): Found | null {
  const around = (text: string): string => text.replace(/\p{Nd}+/gu, '#');
  const a = expected.match(/\p{Nd}+/gu) ?? [];
  const b = prediction.match(/\p{Nd}+/gu) ?? [];
  if (a.length === 0 || around(expected) !== around(prediction)) return null;
  const wrong = a.flatMap((number, i) => (Number(number) === Number(b[i]) ? [] : [i]));
  if (wrong.length === 0) return { code: 'other_form', kind: 'the answer is in another form' };
  if (wrong.length > 1)
    return { code: 'wrong_content', kind: 'the form is right, several numbers are wrong' };
  const at = wrong[0] as number;
  const name = isoDate.test(shapeOf(expected))
    ? `the ${isoFields[at]}`
    : a.length === 1
      ? 'the number'
      : `the ${ordinals[at] ?? 'last'} number`;
  return digitsApart(a[at] as string, b[at] as string) === 1
    ? { code: 'one_digit', kind: `one digit of ${name} is wrong` }
    : { code: 'one_number', kind: `${name} is wrong` };
}

/** True when three words in a row come back three times or more, and do not in `expected`. */
function repeatsItself(words: readonly string[], expected: readonly string[]): boolean {
  const most = (list: readonly string[]): number => {
    const counts = new Map<string, number>();
    for (let i = 0; i + 3 <= list.length; i++) {
      const run = list.slice(i, i + 3).join(' ');
      counts.set(run, (counts.get(run) ?? 0) + 1);
    }
    return Math.max(0, ...counts.values());
  };
  return words.length >= 9 && most(words) >= 3 && most(expected) < 3;
}

/** Answers of more words than this are prose: their form says nothing. */
const longestAnswerWords = 12;

function wrongProse(expected: string, prediction: string): Found {
  const wanted = wordsOf(expected);
  const given = wordsOf(prediction);
  const ratio = given.length / Math.max(1, wanted.length);
  if (ratio < 0.5) return { code: 'truncated', kind: 'the answer is less than half as long as expected' };
  if (ratio > 2) return { code: 'extra_text', kind: 'the answer is more than twice as long as expected' };
  const known = new Set(given);
  const shared = wanted.filter((word) => known.has(word)).length / Math.max(1, wanted.length);
  return shared >= 0.5
    ? { code: 'partly_right', kind: 'the answer is right in part' }
    : { code: 'other', kind: 'the answer is about something else' };
}

/** First rule that fits, from the most specific to the least; null when the answer is right. */
function classify(item: FailingItem, labels: ReadonlySet<string> | null): Found | null {
  const expected = item.expected.normalize('NFC').trim();
  const prediction = item.prediction.normalize('NFC').trim();
  if (expected === prediction) return null;
  if (prediction === '') return { code: 'empty', kind: 'the answer is empty' };
  if (expected.toLowerCase() === prediction.toLowerCase()) {
    return { code: 'letter_case', kind: 'only the letter case differs' };
  }
  if (expected.replace(/\s+/gu, '') === prediction.replace(/\s+/gu, '')) {
    return { code: 'spacing', kind: 'only the spacing differs' };
  }
  const prompt = item.prompt.normalize('NFC').trim();
  const copied =
    normalise(prediction) === normalise(prompt) || (prompt !== '' && prediction.startsWith(prompt));
  if (copied) return { code: 'copied_prompt', kind: 'the answer copies the prompt' };
  if (labels?.has(expected)) {
    return labels.has(prediction)
      ? { code: 'wrong_label', kind: `${clipLine(prediction, 30)} in place of ${clipLine(expected, 30)}` }
      : { code: 'wrong_label', kind: 'the answer is none of the labels' };
  }
  if (expected.startsWith(prediction)) return { code: 'truncated', kind: 'the answer stops too early' };
  const wordsGiven = wordsOf(prediction);
  const wordsWanted = wordsOf(expected);
  if (repeatsItself(wordsGiven, wordsWanted)) return { code: 'repeats', kind: 'the answer repeats itself' };
  if (expected !== '' && prediction.startsWith(expected)) {
    return { code: 'extra_text', kind: 'text follows the right answer' };
  }
  if (expected.length >= 3 && prediction.includes(expected)) {
    return { code: 'extra_text', kind: 'the right answer stands among other text' };
  }
  if (wordsWanted.length > longestAnswerWords) return wrongProse(expected, prediction);
  if (compact(expected) === compact(prediction)) {
    return { code: 'other_form', kind: 'the answer is in another form' };
  }
  const specific = swapped(expected, prediction) ?? wrongNumber(expected, prediction);
  if (specific) return specific;
  if (sameMembers(Array.from(compact(expected)), Array.from(compact(prediction)))) {
    return { code: 'wrong_order', kind: 'right characters in the wrong order' };
  }
  if (expected.length >= 3 && prompt.includes(expected) && prompt.includes(prediction)) {
    return { code: 'wrong_span', kind: 'another part of the prompt was copied' };
  }
  const shape = shapeOf(expected);
  const regular = /[^a\sA]/u.test(shape);
  if (shape === shapeOf(prediction)) {
    return regular
      ? { code: 'wrong_content', kind: 'the form is right, the content is wrong' }
      : { code: 'other', kind: 'another answer' };
  }
  return regular || /\p{Nd}/u.test(prediction)
    ? { code: 'other_form', kind: 'the answer is in another form' }
    : { code: 'other', kind: 'another answer' };
}

/** Expected texts are labels when they are few and short, and each is expected three times on average. */
function guessLabels(items: readonly FailingItem[]): ReadonlySet<string> | null {
  const labels = new Set(items.map((item) => item.expected.normalize('NFC').trim()));
  const few = labels.size <= 50 && labels.size * 3 <= items.length;
  return few && [...labels].every((label) => label !== '' && label.length <= 40) ? labels : null;
}

/**
 * Sorts mistakes into kinds, most frequent first (ties by text). Works on any text task; items whose answer is right
 * are skipped. `labels` are the known answers of a classification task; unset, they are guessed from the items.
 */
export function mistakeKinds(items: readonly FailingItem[], labels?: readonly string[]): MistakeKind[] {
  const known = labels ? new Set(labels.map((label) => label.normalize('NFC').trim())) : guessLabels(items);
  const kinds = new Map<string, MistakeKind>();
  let total = 0;
  for (const item of items) {
    const found = classify(item, known);
    if (!found) continue;
    total += 1;
    const kind = kinds.get(found.kind);
    if (kind) {
      kind.count += 1;
      continue;
    }
    const [prompt, prediction, expected] = [item.prompt, item.prediction, item.expected].map((text) =>
      clipLine(text, 60),
    );
    const example = `"${prompt}" gave "${prediction}", expected "${expected}"`;
    kinds.set(found.kind, { ...found, count: 1, share: 0, example });
  }
  return [...kinds.values()]
    .map((kind) => ({ ...kind, share: kind.count / total }))
    .sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1));
}
