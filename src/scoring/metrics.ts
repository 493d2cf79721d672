import { TrexError } from '../lib/errors.ts';
import { containsWords } from './contains.ts';
import { wordsOf } from './text.ts';
import type { EvalItem, ItemResult, MetricName } from './types.ts';

const trimmed = (text: string): string => text.normalize('NFC').trim();
const folded = (text: string): string => trimmed(text).toLowerCase().replace(/\s+/gu, ' ');

/** Marks that MLQA's evaluation script drops: Unicode's category P, and ASCII's others in Python's `string.punctuation`. */
const punctuation = /[\p{P}!-/:-@[-`{-~]/gu;
/** English articles as whole words; `\b` alone would find an `a` in `día`. */
const articles = /(?<![\p{L}\p{M}\p{N}])(?:a|an|the)(?![\p{L}\p{M}\p{N}])/gu;

/**
 * Words as SQuAD 1.1's `normalize_answer` makes them, with MLQA's Unicode punctuation; each character of a script without
 * spaces is a word of its own.
 */
function squadTokens(text: string): string[] {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(punctuation, '')
    .replace(articles, ' ')
    .replace(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu, ' $& ')
    .split(/\s+/u)
    .filter((token) => token !== '');
}

const f1 = (shared: number, predicted: number, expected: number): number =>
  shared === 0 ? 0 : (2 * shared) / (predicted + expected);

/** Rajpurkar et al. 2016; when either side has no tokens, 1 if both have none (SQuAD 2.0's evaluation script). */
function tokenF1(prediction: string, expected: string): number {
  const a = squadTokens(prediction);
  const b = squadTokens(expected);
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const token of b) left.set(token, (left.get(token) ?? 0) + 1);
  let shared = 0;
  for (const token of a) {
    const count = left.get(token) ?? 0;
    if (count === 0) continue;
    shared += 1;
    left.set(token, count - 1);
  }
  return f1(shared, a.length, b.length);
}

/** Length of the longest common subsequence; time |a|·|b|, memory |b|. */
function commonSubsequence(a: string[], b: string[]): number {
  let above = new Uint32Array(b.length + 1);
  let row = new Uint32Array(b.length + 1);
  for (const word of a) {
    for (let j = 0; j < b.length; j++) {
      row[j + 1] = word === b[j] ? above[j]! + 1 : Math.max(above[j + 1]!, row[j]!);
    }
    [above, row] = [row, above];
  }
  return above[b.length]!;
}

/** Lin 2004, F with beta 1, over lower-cased words without stemming (as `rouge-score` with its defaults). */
function rougeL(prediction: string, expected: string): number {
  const a = wordsOf(prediction);
  const b = wordsOf(expected);
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 1 : 0;
  return f1(commonSubsequence(a, b), a.length, b.length);
}

/** Score of one answer, in [0, 1]; higher is better. */
export function scoreItem(metric: MetricName, prediction: string, expected: string): number {
  switch (metric) {
    case 'exact_match':
      return trimmed(prediction) === trimmed(expected) ? 1 : 0;
    case 'accuracy':
      return folded(prediction) === folded(expected) ? 1 : 0;
    case 'token_f1':
      return tokenF1(prediction, expected);
    case 'rouge_l':
      return rougeL(prediction, expected);
    case 'contains':
      return containsWords(folded(prediction), folded(expected)) ? 1 : 0;
  }
}

/**
 * Scores all items, in their order. `predictions` is keyed by item id.
 * @throws TrexError `prediction_missing` when an item has none: a missing answer is not a wrong one.
 */
export function scorePredictions(
  metric: MetricName,
  items: readonly EvalItem[],
  predictions: ReadonlyMap<string, string>,
): ItemResult[] {
  const missing = items.filter((item) => !predictions.has(item.id));
  if (missing.length > 0) {
    throw new TrexError(
      'prediction_missing',
      'ours',
      `${missing.length} of ${items.length} items have no prediction (first: ${missing[0]?.id}).`,
    );
  }
  return items.map((item) => {
    const prediction = predictions.get(item.id) as string;
    return { id: item.id, score: scoreItem(metric, prediction, item.completion), prediction };
  });
}
