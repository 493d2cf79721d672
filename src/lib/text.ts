/** At most `max` characters as people count them (code points), the last one an ellipsis when something was cut. */
export function clip(text: string, max: number): string {
  const characters = Array.from(text);
  if (characters.length <= max) return text;
  return `${characters
    .slice(0, Math.max(0, max - 1))
    .join('')
    .trimEnd()}…`;
}

/** The same of one line: line ends and runs of white space become single spaces first. */
export const clipLine = (text: string, max: number): string => clip(text.replace(/\s+/gu, ' ').trim(), max);

/**
 * At most `max` UTF-16 units, the last one an ellipsis when something was cut; never half a character. For limits
 * that are counted in units, and for long texts: it does not read the whole text.
 */
export function clipUnits(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 2);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, max - (splitsPair ? 2 : 1))}…`;
}

/** `stopped by Ana` at the start of a sentence. */
export const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `1204` -> `1,204`. */
export const thousands = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** `4,960` */
export const numberText = (value: number): string => thousands(String(Math.round(value)));

/** `1 node`, `2,000 nodes`, `2 branches` with the third argument. */
export const countText = (count: number, noun: string, plural = `${noun}s`): string =>
  `${thousands(String(count))} ${count === 1 ? noun : plural}`;

/** A share in [0, 1]: `45%`, or `45.5%` with one decimal; a zero decimal is dropped. */
export const percentText = (share: number, decimals = 0): string =>
  Number.isFinite(share)
    ? `${Math.round(Math.min(1, Math.max(0, share)) * 10 ** (2 + decimals)) / 10 ** decimals}%`
    : 'n/a';

/** `a`, `a and b`, `a, b and c` */
export function listText(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}
