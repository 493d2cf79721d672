import type { IntakeInput } from '../../port.ts';
import { isLightWord, joint } from './clauses.ts';
import type { NotUsed } from './draft.ts';
import { kindOf } from './instructions.ts';
import { type MarkedText, wordsAt } from './marked-text.ts';
import { findPieces, type Piece } from './not-used.ts';

/** The parts of a request that no role has taken. */
export interface Account {
  /** Parts that mean something by themselves, and instructions to the bot. */
  notUsed: NotUsed[];
  /** The person's description of the task, in order. */
  described: string[];
}

interface Stretch {
  from: number;
  to: number;
  /** At most this many words belong to the stretch beside them that a role has taken. */
  owed: number;
}

/** Greetings, and words of courtesy. */
const courtesy = new Set(
  'team all folks everyone everybody guys lot cheers thx ty morning evening afternoon good day much many best regards dear appreciated welcome'.split(
    ' ',
  ),
);

const boundary = new RegExp(String.raw`\n|[.;!?,:](?=\s|$)|${joint}`, 'g');
/** `evaluation metric: accuracy`: at most this many words may be the label before the colon. */
const maxLabelWords = 3;

/** Clauses without what roles have taken: each stretch is wholly unread. */
function unread(marked: MarkedText): Stretch[] {
  const cuts = [...marked.text.matchAll(boundary)].map((match) => ({
    from: match.index,
    to: match.index + match[0].length,
    isTaken: false,
  }));
  const end = { from: marked.text.length, to: marked.text.length, isTaken: false };
  const edges = [...cuts, ...marked.taken.map((one) => ({ ...one, isTaken: true })), end];
  const found: Stretch[] = [];
  let at = 0;
  let afterTaken = false;
  for (const { from, to, isTaken } of edges.sort((a, b) => a.from - b.from)) {
    if (from > at && marked.text.slice(at, from).trim() !== '')
      found.push({
        from: at,
        to: from,
        owed: isLabel(marked, from) ? maxLabelWords : isTaken || afterTaken ? 1 : 0,
      });
    if (to > at) afterTaken = isTaken || (afterTaken && to < at);
    at = Math.max(at, to);
  }
  return found;
}

/** A colon follows, and behind it something that a role has taken. */
const isLabel = ({ text, taken }: MarkedText, to: number): boolean =>
  text[to] === ':' && taken.some(({ from }) => from > to && /^ *$/.test(text.slice(to + 1, from)));

const tellingWords = (text: string): number =>
  (text.replace(/⟦[a-z]\d+⟧/g, ' ').match(/[\p{L}][\p{L}\p{N}'-]*/gu) ?? []).filter(
    (word) => word.length > 1 && !isLightWord(word) && !courtesy.has(word),
  ).length;

const without = (text: string, from: number, pieces: readonly Piece[]): string =>
  pieces.reduce(
    (left, piece) =>
      left.slice(0, piece.from - from) + ' '.repeat(piece.to - piece.from) + left.slice(piece.to - from),
    text,
  );

const isRefusal = /\b(?:don't|do not|never|not|no|nothing|without)\b/;

/**
 * Sorts the rest of a request, without a hole: every clause was taken by a role, is reported as not used, or is kept as
 * the description of the task (`isDescribed`: earlier messages have given one). Numbers, names and instructions are
 * never mere description; greetings and the like are dropped.
 */
export function accountFor(marked: MarkedText, input: IntakeInput, isDescribed: boolean): Account {
  const pieces = findPieces(marked, input);
  const notUsed: (NotUsed & { from: number })[] = [];
  const told: Stretch[] = [];
  const unclear: (NotUsed & { from: number; to: number })[] = [];
  for (const { from, to, owed } of unread(marked)) {
    const text = marked.text.slice(from, to);
    const inside = pieces.filter((piece) => piece.from >= from && piece.to <= to);
    const words = tellingWords(without(text, from, inside));
    const isOpen = words > 0 || inside.length > 0;
    const isRefused = isRefusal.test(text) && (text.trim().match(/\S+/g) ?? []).length > 1;
    if (!isOpen && !isRefused) continue;
    const isAsked = marked.text.slice(to).startsWith('?');
    const kind = words > 0 || isRefused ? kindOf(text, isAsked) : 'description';
    const one = { from, words: wordsAt(marked, from, to), why: inside[0]?.one.why ?? null };
    if (kind === 'either') unclear.push({ ...one, to });
    else if (kind === 'instruction') notUsed.push(one);
    else {
      notUsed.push(...inside.map((piece) => ({ from: piece.from, ...piece.one })));
      if (words > owed) told.push({ from, to, owed });
    }
  }
  if (told.length > 0 || isDescribed) notUsed.push(...unclear);
  else told.push(...unclear.map(({ from, to }) => ({ from, to, owed: 0 })));
  return {
    notUsed: notUsed.sort((a, b) => a.from - b.from).map(({ words, why }) => ({ words, why })),
    described: joined(told, marked).map(({ from, to }) => wordsAt(marked, from, to)),
  };
}

/** Neighbours with nothing but a comma or an `and` between them are one. */
function joined(stretches: readonly Stretch[], marked: MarkedText): Stretch[] {
  const all: Stretch[] = [];
  for (const next of stretches) {
    const last = all.at(-1);
    const gap = last === undefined ? null : marked.text.slice(last.to, next.from);
    const isNext =
      gap !== null &&
      /^[\s,:]*(?:and|but|then|while|-)?\s*$/.test(gap) &&
      !marked.taken.some(({ from, to }) => from < next.from && to > (last?.to ?? 0));
    if (last !== undefined && isNext) last.to = next.to;
    else all.push({ ...next });
  }
  return all;
}
