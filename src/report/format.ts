import type { Brief, Cost, CostLimit, CostRange } from '../campaign/brief.ts';
import type { ThinkingTotals } from '../campaign/thinking.ts';
import { countText, thousands } from '../lib/text.ts';
import type { PairedDifference, Score } from '../scoring/types.ts';

/** Numbers as text for people, beside the plain counts of `lib/text.ts`. A number that is not finite reads `n/a`. */

const trueMinus = '−';
const missing = 'n/a';

const fixed = (value: number, decimals: number): string => {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `${trueMinus}${text}` : text;
};

/** One decimal below 100, none above; a zero decimal is dropped: `2.6`, `15`, `1,204`. */
export const shortText = (value: number): string => {
  if (value >= 99.95) return thousands(value.toFixed(0));
  return value.toFixed(1).replace(/\.0$/, '');
};

/** `0.870` */
export const valueText = (value: number): string => (Number.isFinite(value) ? fixed(value, 3) : missing);

/** Half the width of the interval: `0.030`. */
export const marginText = (score: Score): string => valueText((score.high - score.low) / 2);

/** `0.929 to 0.976` */
export const rangeText = (low: number, high: number): string => `${valueText(low)} to ${valueText(high)}`;

/** `0.958 (0.929 to 0.976)` */
export const intervalText = (score: Score): string =>
  `${valueText(score.value)} (${rangeText(score.low, score.high)})`;

/** `0.870 ± 0.030`; near 0 and 1, where ± would leave [0, 1], the interval itself: `0.998 (0.989 to 1.000)`. */
export function scoreText(score: Score): string {
  const half = (score.high - score.low) / 2;
  const leaves = score.value - half < -5e-4 || score.value + half > 1 + 5e-4;
  return leaves ? intervalText(score) : `${valueText(score.value)} ± ${valueText(half)}`;
}

/** With its sign: `+0.033`, `−0.040`; a number that rounds to zero has none. */
export function deltaText(difference: number, decimals = 3): string {
  if (!Number.isFinite(difference)) return missing;
  const text = fixed(difference, decimals);
  return Number(text) === 0 || difference < 0 ? text : `+${text}`;
}

/** `+0.033 (0.012 to 0.055)` */
export const differenceText = (delta: Pick<PairedDifference, 'difference' | 'low' | 'high'>): string =>
  `${deltaText(delta.difference)} (${rangeText(delta.low, delta.high)})`;

/** An expected gain, no finer than it is known: `+0.02 to +0.06`. */
export const gainText = (gain: { low: number; high: number }): string =>
  `${deltaText(gain.low, 2)} to ${deltaText(gain.high, 2)}`;

/** `p = 0.004`, `p < 0.001` */
export function pText(pValue: number): string {
  if (!Number.isFinite(pValue)) return `p ${missing}`;
  return pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`;
}

/** A loss: two decimals, and two digits where that would be too coarse: `0.61`, `0.0042`. */
export function lossText(loss: number): string {
  if (!Number.isFinite(loss)) return missing;
  const size = Math.abs(loss);
  return fixed(loss, size >= 0.095 || size < 5e-5 ? 2 : size >= 0.0095 ? 3 : 4);
}

type TimeUnit = 's' | 'min' | 'h';
const secondsPer: Record<TimeUnit, number> = { s: 1, min: 60, h: 3600 };

/** The unit in which people would give this duration. */
export const timeUnit = (seconds: number): TimeUnit => (seconds < 59.5 ? 's' : seconds < 3597 ? 'min' : 'h');

/** Seconds as a number of that unit, without the unit. */
export function inUnit(seconds: number, unit: TimeUnit): string {
  const value = seconds / secondsPer[unit];
  if (unit === 's' && value >= 1) return thousands(value.toFixed(0));
  return value > 0 && value < 0.05 ? '0.1' : shortText(value);
}

/** `8 s`, `2.6 min`, `1.4 h` */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return missing;
  const positive = Math.max(0, seconds);
  const unit = timeUnit(positive);
  return `${inUnit(positive, unit)} ${unit}`;
}

/** `$0`, `$3.20`, `$382`, `$33,498`; more than nothing and less than a cent: `under $0.01`. */
export function moneyText(usd: number): string {
  if (!Number.isFinite(usd)) return missing;
  if (usd < 0) return `${trueMinus}${moneyText(-usd)}`;
  if (usd === 0) return '$0';
  if (usd < 0.01) return 'under $0.01';
  if (usd >= 99.995) return `$${thousands(usd.toFixed(0))}`;
  return `$${usd.toFixed(2).replace(/\.00$/, '')}`;
}

/** `308 kB`, `15.2 GB` */
export function bytesText(bytes: number): string {
  const [unit, size] = bytes < 999.5e3 ? ['kB', 1e3] : bytes < 999.5e6 ? ['MB', 1e6] : ['GB', 1e9];
  return bytes < 1000 ? `${bytes} bytes` : `${shortText(bytes / (size as number))} ${unit}`;
}
/** `An hour on one slot costs $2.50, as Ana said` */
export const priceText = ({ usdPerHour, saidBy }: NonNullable<Brief['price']>): string =>
  `An hour on one slot costs ${moneyText(usdPerHour)}, as ${oneLine(saidBy)} said`;

/** `2.6 min`; with money when there is any: `2.6 min, $3.20`. */
export const costText = (cost: Cost): string =>
  cost.usd > 0
    ? `${durationText(cost.computeSeconds)}, ${moneyText(cost.usd)}`
    : durationText(cost.computeSeconds);

/** The same inside of a list: `2.6 min ($3.20)`. */
export const innerCostText = (cost: Cost): string =>
  cost.usd > 0
    ? `${durationText(cost.computeSeconds)} (${moneyText(cost.usd)})`
    : durationText(cost.computeSeconds);

/**
 * An estimate with its band in brackets, all in the unit of the expected value: `about 2.6 min (1.8 to 3.9; stopped at
 * 6.5), $3.20 ($2.24 to $4.80; at most $8)`. Unknown parts are left out.
 */
export function estimateText(estimate: { expected: Cost; likely?: CostRange; ceiling?: Cost }): string {
  const { expected, likely, ceiling } = estimate;
  const unit = timeUnit(expected.computeSeconds);
  const details = (side: keyof Cost, say: (amount: number) => string, atMost: string): string => {
    // A ceiling that was lowered to what the budget had left may lie inside the band.
    const high = Math.min(likely?.high[side] ?? 0, ceiling?.[side] ?? Number.POSITIVE_INFINITY);
    const ends = likely === undefined ? [] : [say(likely.low[side]), say(high)];
    const parts = [
      ...(ends.every((end) => end === say(expected[side])) ? [] : [ends.join(' to ')]),
      ...(ceiling === undefined ? [] : [`${atMost} ${say(ceiling[side])}`]),
    ];
    return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
  };
  const time = details('computeSeconds', (seconds) => inUnit(seconds, unit), 'stopped at');
  const money = expected.usd > 0 ? `, ${moneyText(expected.usd)}${details('usd', moneyText, 'at most')}` : '';
  return `about ${durationText(expected.computeSeconds)}${time}${money}`;
}

/** `23 calls, 49,200 tokens, $0.12`; `dollars unknown` where a price is not known. */
export function thinkingText(thinking: ThinkingTotals): string {
  const tokens = thinking.inputTokens + thinking.outputTokens;
  const priced = thinking.unpricedCalls < thinking.calls ? [moneyText(thinking.usd)] : [];
  const unpriced =
    thinking.unpricedCalls === 0
      ? []
      : [
          priced.length === 0
            ? 'dollars unknown'
            : `${countText(thinking.unpricedCalls, 'call')} of unknown price`,
        ];
  return [countText(thinking.calls, 'call'), countText(tokens, 'token'), ...priced, ...unpriced].join(', ');
}

/** A limit alone: `15 min`, `$500`, `15 min and $5`, `no limit`. */
export function limitText(limit: CostLimit): string {
  const parts: string[] = [];
  if (limit.computeSeconds !== null) parts.push(durationText(limit.computeSeconds));
  if (limit.usd !== null) parts.push(moneyText(limit.usd));
  return parts.length > 0 ? parts.join(' and ') : 'no limit';
}

/** `6 of 15 min`, `$382 of $500`, both when both are limited, the cost alone when neither is. */
export function spendText(spent: Cost, limit: CostLimit): string {
  const parts: string[] = [];
  if (limit.usd !== null) parts.push(`${moneyText(spent.usd)} of ${moneyText(limit.usd)}`);
  if (limit.computeSeconds !== null) {
    const unit = timeUnit(limit.computeSeconds);
    parts.push(`${inUnit(spent.computeSeconds, unit)} of ${inUnit(limit.computeSeconds, unit)} ${unit}`);
  }
  return parts.length > 0 ? parts.join(', ') : costText(spent);
}

/**
 * One line of harmless text: control, bidirectional and zero-width characters are removed, white space becomes single
 * spaces. Text of models, files and people passes through here before it is part of a sentence.
 */
export const oneLine = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** A sentence with its full stop. */
export const sentence = (text: string): string => {
  const line = oneLine(text);
  return line === '' || /[.!?…]["')]?$/.test(line) ? line : `${line}.`;
};

/** Trains the winner of a campaign again. */
export const reproduceCommand = (campaignId: string, node: number): string =>
  `trex reproduce ${campaignId}#${node}`;

/** One line without the marks that would end bold or code. */
export const unmarked = (text: string): string => oneLine(text).replace(/[*`]/g, '');

/** Bold as Slack writes it. */
export const bold = (text: string): string => `*${unmarked(text)}*`;

/** Text for XML content and attribute values. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const drawable =
  /[\x20-\x7e\u00a1-\u00ac\u00ae-\u00ff\u0391-\u03a9\u03b1-\u03c9–—‘’“”•…′€←↑→↓↔⇒∂∆∑−√∞≈≠≤≥■□▲△▼▽◆◇○●★☆✓✗]/;

/**
 * A label that the bundled fonts can draw: accents they lack are removed, anything else becomes one `?`. `fallback` is
 * used when no letter or digit is left.
 */
export function pictureText(text: string, fallback = ''): string {
  const label = Array.from(oneLine(text))
    .map((character) => {
      if (drawable.test(character)) return character;
      const base = Array.from(character.normalize('NFKD')).filter((part) => drawable.test(part));
      return base.length > 0 ? base.join('') : /\p{Mark}/u.test(character) ? '' : '\ufffd';
    })
    .join('')
    .replace(/\ufffd+/g, '?');
  return /[\p{Letter}\p{Number}]/u.test(label) ? label : fallback;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `22 Nov 2026, 14:02 UTC` from an ISO moment; the text itself when it is none. */
export function momentText(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`;
}

/** Seconds from one ISO moment to another, never negative; null when either is missing or no date. */
export function secondsBetween(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

/** `2.5 h ago`, `3 days ago`, seen from `at` (a view's `takenAt`): there is no clock in here. */
export function agoText(from: string, at: string): string {
  const seconds = secondsBetween(from, at);
  if (seconds === null) return from;
  if (seconds < 5) return 'just now';
  if (seconds < 48 * 3600) return `${durationText(seconds)} ago`;
  return `${countText(Math.round(seconds / 86_400), 'day')} ago`;
}
