import { readMoney } from './find-money.ts';
import { readTime } from './find-times.ts';
import type { AmountSpan } from './span.ts';
import { maxReadCharacters, type Token, tokenise } from './tokens.ts';

/** An amount found in a text, with its place. Values may be zero or negative: the caller judges. */
export type FoundAmount = AmountSpan;

/**
 * All durations and sums of money in a text, in their order, none overlapping another. Linear in the length of the
 * text, of which the first `maxReadCharacters` are read.
 */
export function findAmounts(
  text: string,
  tokens: Token[] = tokenise(text.slice(0, maxReadCharacters)),
): FoundAmount[] {
  const found: FoundAmount[] = [];
  for (let i = 0; i < tokens.length; ) {
    const [time, money] = [readTime(text, tokens, i), readMoney(text, tokens, i)];
    const longer = time !== null && (money === null || time.next >= money.next) ? time : money;
    // `4fa95d0` is a name, whatever is in its middle.
    const isInside = tokens[i - 1]?.kind === 'word' && tokens[i - 1]?.end === tokens[i]?.start;
    const isRate = longer !== null && isArticleBehind(tokens, i, found.at(-1));
    if (longer === null || isRate || isInside) {
      i++;
      continue;
    }
    const low = rangeBefore(tokens, i);
    const before = found.at(-1);
    // `$20-$30`: the first sum is the low end of the range; in `$5 or 10 min` it is another limit.
    const isHead = low !== null && before !== undefined && before.end === low.end;
    if (low === null || (isHead && before.kind !== longer.span.kind)) found.push(longer.span);
    else {
      if (isHead) found.pop();
      found.push(asRange(text, { start: isHead ? before.start : low.start, low: low.value }, longer.span));
    }
    i = longer.next;
  }
  return found;
}

/** `3 hours a day`: the day is no amount of its own. */
function isArticleBehind(tokens: readonly Token[], i: number, before: FoundAmount | undefined): boolean {
  const isArticle = tokens[i]?.text === 'a' || tokens[i]?.text === 'an';
  return isArticle && before !== undefined && tokens[i - 1]?.end === before.end;
}

const rangeSigns = new Set(['-', 'to', 'or']);

/** `20` of `20-30 minutes`, `20 to 30 minutes` and `between 20 and 30 minutes`; `from 20 to 30` is a change. */
function rangeBefore(tokens: readonly Token[], i: number): Token | null {
  const [low, sign] = [tokens[i - 2], tokens[i - 1]];
  if (low?.kind !== 'number' || sign === undefined) return null;
  const ahead = [tokens[i - 3]?.text, tokens[i - 4]?.text];
  if (sign.text === 'and') return ahead.includes('between') ? low : null;
  return rangeSigns.has(sign.text) && !ahead.includes('from') ? low : null;
}

/** A range is read as the smaller of its two ends: nobody has agreed to more. */
function asRange(text: string, range: { start: number; low: number }, span: FoundAmount): FoundAmount {
  const place = { start: range.start, text: text.slice(range.start, span.end) };
  switch (span.kind) {
    case 'usd':
      return { ...span, ...place, usd: Math.min(span.usd, range.low) };
    case 'time':
    case 'gpuTime': {
      const highest = Number(/\d+(?:[.,]\d+)?/.exec(span.text)?.[0]?.replace(',', '.'));
      const share = highest > 0 ? Math.min(1, range.low / highest) : 1;
      return { ...span, ...place, seconds: span.seconds * share };
    }
    case 'foreign':
      return { ...span, ...place };
  }
}

/** The first duration or sum of money in a text; null when there is none. */
export function findAmount(text: string): FoundAmount | null {
  return findAmounts(text)[0] ?? null;
}

/** `15m`, `half an hour`, `2 GPU-hours`, `1 h 30 min`, `02:30:00`: seconds; null when the text holds no duration. May be <= 0. */
export function parseDuration(text: string): number | null {
  const found = findAmounts(text).find((span) => span.kind === 'time' || span.kind === 'gpuTime');
  return found?.kind === 'time' || found?.kind === 'gpuTime' ? found.seconds : null;
}

/** `$20`, `20 usd`, `50 cents`: US dollars; null when the text holds no such sum, or one that can be read in two ways. May be <= 0. */
export function parseMoney(text: string): number | null {
  const found = findAmounts(text).find((span) => span.kind === 'usd');
  return found?.kind === 'usd' && found.unsure === undefined ? found.usd : null;
}

/**
 * A limit and nothing else: `30 min`, `$20`, `30 min and $20`; null for any other text, or one not above zero. A side
 * that is not named is null.
 */
export function parseLimit(text: string): { computeSeconds: number | null; usd: number | null } | null {
  const limit: { computeSeconds: number | null; usd: number | null } = { computeSeconds: null, usd: null };
  const said = text.trim();
  let at = 0;
  for (const found of findAmounts(said)) {
    const between = said.slice(at, found.start);
    if (at === 0 ? found.start !== 0 : !/^(?:\s*,\s+|\s+(?:and|or)\s+)$/.test(between)) return null;
    if (found.kind === 'time' && found.seconds > 0 && limit.computeSeconds === null)
      limit.computeSeconds = found.seconds;
    else if (
      found.kind === 'gpuTime' &&
      found.seconds > 0 &&
      found.gpu === null &&
      limit.computeSeconds === null
    )
      limit.computeSeconds = found.seconds;
    else if (found.kind === 'usd' && found.usd > 0 && found.unsure === undefined && limit.usd === null)
      limit.usd = found.usd;
    else return null;
    at = found.end;
  }
  return at === said.length && at > 0 ? limit : null;
}

const units = [
  ['h', 3600, 3600],
  ['min', 60, 120],
] as const;

/** Seconds as people say them, read back as the same amount: `45 s`, `90 s`, `15 min`, `100 min`, `1.5 h`, `500 h`. */
export function formatSeconds(seconds: number): string {
  for (const [unit, size, min] of units) {
    const tenths = Math.round((seconds / size) * 10);
    const isExact = Math.abs((tenths / 10) * size - seconds) < 0.05;
    if (isExact && (seconds >= min || (size === 60 && seconds === 60))) return `${tenths / 10} ${unit}`;
  }
  return `${Math.round(seconds * 10) / 10} s`;
}
