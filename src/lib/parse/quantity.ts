import { type Token, touches } from './tokens.ts';
import { wordValue } from './words.ts';

/** A number in digits or words at the start of some tokens. */
export interface Quantity {
  value: number;
  /** Index of the token behind it. */
  next: number;
  /** `1.000`: a thousand or one. */
  unsure: boolean;
}

const articles = new Set(['a', 'an']);
const scales: Record<string, number> = { hundred: 100, thousand: 1000, million: 1e6, billion: 1e9 };
const suffixes: Record<string, number> = { k: 1000, m: 1e6, mio: 1e6, mn: 1e6, b: 1e9, bn: 1e9 };
const vulgar: Record<string, number> = { '½': 0.5, '¼': 0.25, '¾': 0.75 };

/**
 * Reads a number from token `i` on: `12`, `1,000`, `1'000`, `2 1/2`, `½`, `twenty-five`, `one hundred and twenty`, `two
 * and a half`, `half a`, `three quarters of an`, `a couple of`, `a`. Null where there is none. `spaced` takes `1 000`
 * for one number, which is right beside money or a unit only.
 */
export function readQuantity(tokens: readonly Token[], i: number, spaced = false): Quantity | null {
  return readDigits(tokens, i, spaced) ?? readFraction(tokens, i) ?? readWords(tokens, i);
}

function readDigits(tokens: readonly Token[], i: number, spaced: boolean): Quantity | null {
  const first = tokens[i];
  if (first === undefined) return null;
  const part = vulgar[first.text];
  if (part !== undefined) return { value: part, next: i + 1, unsure: false };
  if (first.kind !== 'number') return null;
  let value = first.value;
  let next = i + 1;
  const isGroup = (token: Token | undefined): boolean =>
    token?.kind === 'number' && token.end - token.start === 3 && /^\d{3}$/.test(token.text);
  if (spaced && /^\d{1,3}$/.test(first.text))
    for (let token = tokens[next]; isGroup(token); token = tokens[next]) {
      value = value * 1000 + (token?.value ?? 0);
      next++;
    }
  const [slash, below] = [tokens[next], tokens[next + 1]];
  if (slash?.text === '/' && below?.kind === 'number' && below.value > 0 && touches(tokens, next))
    return { value: value / below.value, next: next + 2, unsure: false };
  const more = readDigitFraction(tokens, next);
  if (more !== null) return { value: value + more.value, next: more.next, unsure: false };
  const half = readAndHalf(tokens, next);
  if (half !== null) return { value: value + half.value, next: half.next, unsure: false };
  return { value, next, unsure: /^\d{1,3}\.\d{3}$/.test(first.text) };
}

/** `1/2` and `½` after a whole number. */
function readDigitFraction(tokens: readonly Token[], i: number): { value: number; next: number } | null {
  const part = vulgar[tokens[i]?.text ?? ''];
  if (part !== undefined) return { value: part, next: i + 1 };
  const [above, slash, below] = [tokens[i], tokens[i + 1], tokens[i + 2]];
  if (above?.kind !== 'number' || slash?.text !== '/' || below?.kind !== 'number') return null;
  return below.value > above.value ? { value: above.value / below.value, next: i + 3 } : null;
}

const textsAt = (tokens: readonly Token[], i: number, texts: readonly string[]): boolean =>
  texts.every((text, k) => tokens[i + k]?.text === text);

function readAndHalf(tokens: readonly Token[], i: number): { value: number; next: number } | null {
  if (textsAt(tokens, i, ['and', 'a', 'half'])) return { value: 0.5, next: i + 3 };
  if (textsAt(tokens, i, ['and', 'a', 'quarter'])) return { value: 0.25, next: i + 3 };
  return null;
}

/** `half a`, `a half`, `a quarter of an`, `three quarters of an`, `a couple of`, `a dozen`. */
function readFraction(tokens: readonly Token[], i: number): Quantity | null {
  const first = tokens[i]?.text ?? '';
  const count = articles.has(first) ? 1 : (wordValue(first) ?? 0);
  const at = count > 0 ? i + 1 : i;
  const noun = tokens[at + (count > 0 && tokens[at]?.text === '-' ? 1 : 0)];
  const parts: Record<string, number> = {
    half: 0.5,
    quarter: 0.25,
    quarters: 0.25,
    third: 1 / 3,
    couple: 2,
    dozen: 12,
  };
  const part = Object.hasOwn(parts, noun?.text ?? '') ? parts[noun?.text ?? ''] : undefined;
  if (noun === undefined || part === undefined) return null;
  let next = tokens.indexOf(noun, at) + 1;
  if (tokens[next]?.text === '-') next++;
  if (tokens[next]?.text === 'of') next++;
  if (articles.has(tokens[next]?.text ?? '')) next++;
  return { value: (count || 1) * part, next, unsure: false };
}

function readWords(tokens: readonly Token[], i: number): Quantity | null {
  const first = tokens[i];
  if (first?.kind !== 'word') return null;
  let total = 0;
  let group = articles.has(first.text) ? 1 : wordValue(first.text);
  if (group === null) return null;
  let next = i + 1;
  for (;;) {
    const token = tokens[next];
    const scale = scales[token?.text ?? ''];
    if (scale !== undefined && Object.hasOwn(scales, token?.text ?? '')) {
      if (scale === 100) group *= 100;
      else {
        total += group * scale;
        group = 0;
      }
      next++;
      continue;
    }
    // `twenty-five`, `one hundred and twenty`, `one hundred twenty`.
    const skip = token?.text === '-' || (token?.text === 'and' && (group >= 100 || total > 0)) ? 1 : 0;
    const more = wordValue(tokens[next + skip]?.text ?? '');
    const fits = group % 100 === 0 ? group > 0 || total > 0 : group % 10 === 0 && (more ?? 10) < 10;
    if (more === null || !fits) break;
    group += more;
    next += skip + 1;
  }
  const half = readAndHalf(tokens, next);
  return half === null
    ? { value: total + group, next, unsure: false }
    : { value: total + group + half.value, next: half.next, unsure: false };
}

/** `4k`, `1.5M`, `2 million` behind a number. */
export function readScale(tokens: readonly Token[], i: number): { factor: number; next: number } {
  const text = tokens[i]?.text ?? '';
  const suffix = Object.hasOwn(suffixes, text) && touches(tokens, i) ? suffixes[text] : undefined;
  const scale = Object.hasOwn(scales, text) ? scales[text] : undefined;
  const factor = suffix ?? scale;
  return factor === undefined ? { factor: 1, next: i } : { factor, next: i + 1 };
}
