import type { FoundAmount } from '../../../lib/parse/amounts.ts';
import { maxReadCharacters, type Token, tokenise } from '../../../lib/parse/tokens.ts';
import { correctWords } from '../../../lib/parse/words.ts';
import { findModels } from './spans/find-models.ts';
import { findReferences } from './spans/find-references.ts';
import { findSpans, type Known } from './spans/find-spans.ts';
import { letters, type Span } from './spans/span.ts';
import { ordinaryWords, vocabulary } from './vocabulary.ts';

/** A stretch of marked text, `from` to `to`, and its place in the original. */
interface Piece {
  from: number;
  to: number;
  start: number;
  end: number;
}

/**
 * A message prepared for roles to read: lower case, misspelt words of our vocabulary corrected, and every span that
 * means something by itself replaced by a mark such as `⟦m0⟧`, its kind and its place in `spans`. Roles blank out the
 * text they take, and can look it up in the original.
 */
export interface MarkedText {
  original: string;
  text: string;
  spans: readonly Span[];
  pieces: readonly Piece[];
  /** Stretches of `text` that roles have taken. */
  taken: readonly { from: number; to: number }[];
}

/** Nothing that a role reads is longer; runs of digits or letters beyond it would make patterns slow. */
const longestWord = 40;
const longestSignRun = 3;

/** Names of our settings, as in configuration files: `ask_above: 10min`. */
const settingNames = /\b(?:ask_above|max_(?:nodes|experiments|runs)|base_model|bad_rows)\b(?=\s*[=:])/gi;

/** Texts that were marked lately: a conversation is folded anew at each turn, and its earlier messages are the same. */
const lately = new Map<string, MarkedText>();
const maxLately = 64;

/** `names`: words that are never corrected, such as those of tasks. */
export function markText(raw: string, known: Known, names: readonly string[] = []): MarkedText {
  const models = known.baseModels.map(({ id, title }) => [id, title]);
  const key = JSON.stringify([
    raw.slice(0, maxReadCharacters),
    known.now.getTime(),
    known.timeZone,
    models,
    names,
  ]);
  const before = lately.get(key);
  const marked = before ?? markAfresh(raw, known, names);
  // The most recently used entry moves to the end.
  lately.delete(key);
  lately.set(key, marked);
  const [oldest] = lately.keys();
  if (lately.size > maxLately && oldest !== undefined) lately.delete(oldest);
  return marked;
}

function markAfresh(raw: string, known: Known, names: readonly string[]): MarkedText {
  const original = withoutBullets(withoutMentions(raw.slice(0, maxReadCharacters)));
  const { text, toOriginal } = correctSpelling(original, known, names);
  const corrected = text.replace(settingNames, (name) => name.replace('_', ' '));
  const spans = findSpans(corrected, known);
  const pieces: Piece[] = [];
  let marked = '';
  let at = 0;
  const add = (start: number, end: number, said: string): void => {
    if (start > at) marked += corrected.slice(at, start).includes('\n') ? '\n' : ' ';
    pieces.push({
      from: marked.length,
      to: marked.length + said.length,
      start: toOriginal(start),
      end: toOriginal(end),
    });
    marked += said;
    at = end;
  };
  let next = 0;
  const mark = (before: number): void => {
    for (let span = spans[next]; span !== undefined && span.start < before; span = spans[next]) {
      add(span.start, span.end, `⟦${letters[span.kind]}${next}⟧`);
      next++;
    }
  };
  for (const token of plainTokens(tokenise(corrected))) {
    mark(token.end);
    if (token.start >= at) add(token.start, token.end, token.text);
  }
  mark(Number.POSITIVE_INFINITY);
  return takeBack({ original, text: marked, spans, pieces, taken: [] });
}

/** The text with misspelt words of our vocabulary corrected, and where a place of it lies in the original. */
function correctSpelling(
  original: string,
  known: Known,
  names: readonly string[],
): { text: string; toOriginal: (place: number) => number } {
  const kept = names.length > 0 ? new Set([...ordinaryWords, ...names]) : ordinaryWords;
  // Names of files and models are spelt as they are.
  const fixed = [...findReferences(original), ...findModels(original, known.baseModels)];
  const moved: { from: number; by: number }[] = [];
  let text = '';
  let at = 0;
  for (const token of tokenise(original)) {
    const word =
      token.kind === 'word' && token.text.length <= longestWord
        ? correctWords(token.text, vocabulary, kept)
        : token.text;
    if (word === token.text || fixed.some((span) => span.start < token.end && token.start < span.end))
      continue;
    text += original.slice(at, token.start) + word;
    at = token.end;
    moved.push({ from: text.length, by: at - text.length });
  }
  text += original.slice(at);
  const toOriginal = (place: number): number =>
    place + (moved.findLast(({ from }) => from <= place)?.by ?? 0);
  return { text, toOriginal };
}

/** Without overlong words, and runs of one sign cut short. */
function plainTokens(tokens: readonly Token[]): Token[] {
  let run = 0;
  return tokens.filter((token, i) => {
    run = token.kind === 'sign' && tokens[i - 1]?.text === token.text ? run + 1 : 0;
    return token.text.length <= longestWord && run < longestSignRun && !/[⟦⟧]/.test(token.text);
  });
}

/** Of the same length, so that places stay. */
const withoutMentions = (text: string): string =>
  text.replace(/<@[^<>]{0,80}>/g, (words) => ' '.repeat(words.length));

const dashes = /^[^\S\n]*[-*•◦‣–—](?=\s)/gm;
const itemNumbers = /^[^\S\n]*\d{1,2}[.)](?=\s)/gm;

/** The marks in front of the items of a list say nothing. Numbers are such marks where a list begins with 1. Of the same length. */
const withoutBullets = (text: string): string =>
  [dashes, ...(/^\s*1[.)]\s/m.test(text) ? [itemNumbers] : [])].reduce(
    (left, marks) => left.replace(marks, (mark) => ' '.repeat(mark.length)),
    text,
  );

/** `not 15 minutes, 30 minutes` and `15 minutes, no wait, 30 minutes`: withdrawn values count as read. */
const takenBack = [
  /\b(?:not|rather than|instead of) ⟦[mtgxeb]\d+⟧(?=\s*(?:,|but|;|\.|-|$))/,
  /\b(?:instead of|rather than) ⟦[mtgxeb]\d+⟧/,
  /\b(?:not|no longer|no|forget(?: about)?|drop|skip|without|ignore|don't (?:use|measure|take)|do not (?:use|measure|take))(?: the)? ⟦e\d+⟧/,
  /\bnot (?:\d+(?:\.\d+)?\s?%?)(?=\s*(?:,|but|;|\.))/,
  /⟦[mtgx]\d+⟧(?=\s*[,;.-]*\s*(?:no wait|no,? (?:i mean|make it|better|rather)|sorry|scratch that|i mean))/,
  /\bfrom ⟦[mtgx]\d+⟧(?= to ⟦)/,
];

function takeBack(marked: MarkedText): MarkedText {
  let rest = marked;
  for (const pattern of takenBack)
    for (let found = take(rest, pattern); found; found = take(rest, pattern)) rest = found.rest;
  return rest;
}

/** A match and the text with it blanked out. */
export interface Taken {
  match: RegExpExecArray;
  rest: MarkedText;
}

export function take(marked: MarkedText, pattern: RegExp): Taken | null {
  const match = pattern.exec(marked.text);
  return match === null ? null : { match, rest: blank(marked, match.index, match.index + match[0].length) };
}

/** The text without a stretch, which counts as taken; white space around its words stays, since clauses end at line breaks. */
export function blank(marked: MarkedText, from: number, to: number): MarkedText {
  const stretch = marked.text.slice(from, to);
  const start = from + stretch.length - stretch.trimStart().length;
  const end = Math.max(start, to - stretch.length + stretch.trimEnd().length);
  const text = marked.text.slice(0, start) + ' '.repeat(end - start) + marked.text.slice(end);
  return { ...marked, text, taken: [...marked.taken, { from: start, to: end }] };
}

/** The words of the original under a stretch of the text. */
export function wordsAt(marked: MarkedText, from: number, to: number): string {
  const pieces = marked.pieces.filter((piece) => piece.from < to && from < piece.to);
  const [first, last] = [pieces[0], pieces.at(-1)];
  if (first === undefined || last === undefined) return '';
  return marked.original.slice(first.start, last.end).replace(/\s+/g, ' ').trim();
}

/** The words of the original under the text taken between two states of it. */
export function takenWords(before: MarkedText, after: MarkedText): string {
  return after.taken
    .slice(before.taken.length)
    .map(({ from, to }) => wordsAt(before, from, to))
    .filter((words) => words !== '')
    .join(' … ');
}

/** Source of a pattern for one amount; its group is the index. */
export const amountMark = String.raw`⟦[mxtg](\d+)⟧`;

export function amountAt(marked: MarkedText, index: string | undefined): FoundAmount | null {
  const span = marked.spans[Number(index)];
  switch (span?.kind) {
    case 'usd':
    case 'foreign':
    case 'time':
    case 'gpuTime':
      return span;
    default:
      return null;
  }
}

/** The amounts that no role has taken yet, in their order. */
export const amountsIn = (marked: MarkedText): FoundAmount[] =>
  [...marked.text.matchAll(new RegExp(amountMark, 'g'))].flatMap(
    ([, index]) => amountAt(marked, index) ?? [],
  );

/** The spans of some kinds that no role has taken yet. */
export function spansLeft<K extends Span['kind']>(
  marked: MarkedText,
  ...kinds: K[]
): { span: Extract<Span, { kind: K }>; from: number; to: number }[] {
  const wanted = new Set<string>(kinds.map((kind) => letters[kind]));
  return [...marked.text.matchAll(/⟦([a-z])(\d+)⟧/g)].flatMap((match) => {
    const span = marked.spans[Number(match[2])];
    if (span === undefined || !wanted.has(match[1] ?? '')) return [];
    return [
      { span: span as Extract<Span, { kind: K }>, from: match.index, to: match.index + match[0].length },
    ];
  });
}

/** Words left over, without marks and punctuation. */
export const leftWords = (marked: MarkedText): string[] =>
  marked.text.replace(/⟦[a-z]\d+⟧/g, ' ').match(/[a-z][a-z0-9'-]*/g) ?? [];
