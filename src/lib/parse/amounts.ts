import { digitsPattern, numberPattern, numberWordPattern, parseNumber } from './words.ts';

/** An amount found in a text. `at` and `length` say where. Values may be zero or negative: the caller judges. */
export type FoundAmount = { at: number; length: number; text: string } & (
  | { kind: 'time'; seconds: number }
  | { kind: 'usd'; usd: number }
  | { kind: 'foreign'; currency: string }
);

const unitSeconds: [RegExp, number][] = [
  [/^(s|sec|secs|second|seconds)$/, 1],
  [/^(m|min|mins|minute|minutes)$/, 60],
  [/^(h|hr|hrs|hour|hours)$/, 3600],
  [/^(d|day|days)$/, 86_400],
  [/^(w|week|weeks)$/, 604_800],
];
const unitPattern = '(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|s|m|h|d)(?![a-z0-9])';
const computeWords = '(?:(?:gpu|compute|slot|cpu|cluster|wall|wall-clock)[- ]?)?';
const signed = String.raw`(?<![\w.:,$€£-])(-\s?)?`;
// A word needs a space before the unit: `and` is no `an d`, `tens` no `ten s`.
const oneTime = new RegExp(
  `${signed}(${digitsPattern}(?=[\\s-]*[a-z])|(?:${numberWordPattern}|an?)(?=[\\s-]))[\\s-]*${computeWords}(${unitPattern})`,
  'i',
);
const idioms: [RegExp, number][] = [
  [/\bthree[- ]quarters? of an hour\b/i, 2700],
  [/\b(?:a )?quarter (?:of an )?hour\b/i, 900],
  [/\b(?:an|one) hour and a half\b/i, 5400],
  [/\b(?:a )?half (?:an |a )?(?:gpu[- ]?)?hour\b|\bhalf hour\b/i, 1800],
  [/\bhalf a minute\b/i, 30],
  [/\bhalf a day\b/i, 43_200],
  [/\ba couple (?:of )?minutes\b/i, 120],
  [/\ba couple (?:of )?(?:gpu[- ]?)?hours\b/i, 7200],
];
const andHalf = new RegExp(`\\b(${numberPattern}) and a half ${computeWords}(${unitPattern})`, 'i');
const clockLike = /\b(\d{1,3})\s?h\s?(\d{1,2})(?:\s?(?:m|min|minutes))?(?![\w:])/i;
const dollars = new RegExp(
  `(?<![\\w.])(-\\s?)?(?:(?:us)?\\$|usd)\\s?(-\\s?)?(${numberPattern})(k)?(?![\\w])|${signed}(${numberPattern})\\s?(?:\\$|us dollars?|dollars?|usd|bucks)(?![a-z])`,
  'i',
);
const foreign = new RegExp(
  `(?:€|£|¥)\\s?${numberPattern}|${numberPattern}\\s?(?:€|£|¥|(?:euros?|eur|pounds?|gbp|chf|yen)\\b)`,
  'i',
);

function secondsOf(unit: string): number {
  const lower = unit.toLowerCase();
  return unitSeconds.find(([pattern]) => pattern.test(lower))?.[1] ?? 60;
}

const numberOr = (text: string, otherwise: number): number =>
  /^an?$/i.test(text) ? 1 : (parseNumber(text) ?? otherwise);

function findTime(text: string): FoundAmount | null {
  const found: FoundAmount[] = [];
  const add = (match: RegExpExecArray | null, seconds: (m: RegExpExecArray) => number): void => {
    if (match)
      found.push({
        kind: 'time',
        at: match.index,
        length: match[0].length,
        text: match[0],
        seconds: seconds(match),
      });
  };
  for (const [pattern, seconds] of idioms) add(pattern.exec(text), () => seconds);
  add(andHalf.exec(text), (m) => (numberOr(m[1] ?? '', 0) + 0.5) * secondsOf(m[2] ?? ''));
  add(clockLike.exec(text), (m) => Number(m[1]) * 3600 + Number(m[2]) * 60);
  add(oneTime.exec(text), (m) => (m[1] ? -1 : 1) * numberOr(m[2] ?? '', 0) * secondsOf(m[3] ?? ''));
  // The earliest; of several that start together the longest.
  found.sort((a, b) => a.at - b.at || b.length - a.length);
  const first = found[0];
  if (first?.kind !== 'time') return null;
  // `1 h 30 min`, `1 hour and 30 minutes`
  const joint = /^[\s,]*(?:and )?\s*/i.exec(text.slice(first.at + first.length))?.[0] ?? '';
  const start = first.at + first.length + joint.length;
  const next = oneTime.exec(text.slice(start));
  const smaller = next ? secondsOf(next[3] ?? '') : 0;
  const joins = next?.index === 0 && first.seconds >= smaller * 2 && !joint.includes(',');
  if (!next || !joins || next[1]) return first;
  return {
    ...first,
    length: start + next[0].length - first.at,
    text: text.slice(first.at, start + next[0].length),
    seconds: first.seconds + numberOr(next[2] ?? '', 0) * smaller,
  };
}

function findMoney(text: string): FoundAmount | null {
  const match = dollars.exec(text);
  if (!match) {
    const other = foreign.exec(text);
    if (!other) return null;
    const currency = other[0].replace(/[\d\s.,-]/g, '');
    return { kind: 'foreign', at: other.index, length: other[0].length, text: other[0], currency };
  }
  const sign = match[1] || match[2] || match[5] ? -1 : 1;
  const value = (parseNumber(match[3] ?? match[6] ?? '') ?? 0) * (match[4] ? 1000 : 1);
  return { kind: 'usd', at: match.index, length: match[0].length, text: match[0], usd: sign * value };
}

/** The first duration or sum of money in a text; null when there is none. */
export function findAmount(text: string): FoundAmount | null {
  const time = findTime(text);
  const money = findMoney(text);
  if (!time || !money) return time ?? money;
  return time.at <= money.at ? time : money;
}

/** `15m`, `half an hour`, `2 GPU-hours`, `1 h 30 min`: seconds; null when the text holds no duration. May be <= 0. */
export function parseDuration(text: string): number | null {
  const found = findTime(text);
  return found?.kind === 'time' ? found.seconds : null;
}

/** `$20`, `20 usd`, `20 dollars`: US dollars; null when the text holds no such sum. May be <= 0. */
export function parseMoney(text: string): number | null {
  const found = findMoney(text);
  return found?.kind === 'usd' ? found.usd : null;
}

/**
 * A limit and nothing else: `30 min`, `$20`, `30 min and $20`; null for anything that is not one, or not above zero.
 * A side that is not named is null.
 */
export function parseLimit(text: string): { computeSeconds: number | null; usd: number | null } | null {
  const limit: { computeSeconds: number | null; usd: number | null } = { computeSeconds: null, usd: null };
  for (const part of text.trim().split(/\s*,\s+|\s+(?:and|or)\s+/i)) {
    const found = findAmount(part);
    if (found === null || found.length !== part.length) return null;
    if (found.kind === 'time' && found.seconds > 0 && limit.computeSeconds === null)
      limit.computeSeconds = found.seconds;
    else if (found.kind === 'usd' && found.usd > 0 && limit.usd === null) limit.usd = found.usd;
    else return null;
  }
  return limit;
}

/** Seconds as people say them: `45 s`, `15 min`, `1.5 h`, `2 d`. */
export function formatSeconds(seconds: number): string {
  const round = (value: number): string => String(Math.round(value * 10) / 10);
  if (seconds < 120 && seconds % 60 !== 0) return `${round(seconds)} s`;
  if (seconds < 3600) return `${round(seconds / 60)} min`;
  if (seconds < 172_800) return `${round(seconds / 3600)} h`;
  return `${round(seconds / 86_400)} d`;
}
