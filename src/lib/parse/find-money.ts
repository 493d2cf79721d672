import { isMinus } from './find-times.ts';
import { type Quantity, readQuantity, readScale } from './quantity.ts';
import type { AmountSpan } from './span.ts';
import { type Token, touches } from './tokens.ts';

type MoneySpan = Extract<AmountSpan, { kind: 'usd' | 'foreign' }>;

/** All codes of ISO 4217. Lower case is accepted only for codes that are no English words. */
const codes = new Set(Intl.supportedValuesOf('currency'));
const smallCodes = new Set(
  'eur gbp inr cad aud chf sek nok dkk jpy cny rmb krw brl mxn sgd hkd nzd zar pln czk huf ils aed thb idr php vnd twd'.split(
    ' ',
  ),
);
const names = new Set(
  `euro euros pound pounds quid sterling yen yuan renminbi rupee rupees franc francs krona kronor krone kroner crowns
  zloty peso pesos real reais ruble rubles rouble roubles won lira shekel shekels dirham dirhams forint baht rand
  ringgit rupiah rs`.split(/\s+/),
);
const dollarWords = /^(?:\$|dollars?|usd|bucks?)$/;
const centWords = /^(?:¢|cents?|usc)$/;
const american = new Set(['us', 'american']);

function isForeign(text: string, token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === 'sign') return /\p{Sc}/u.test(token.text) && !/[$¢]/.test(token.text);
  const raw = text.slice(token.start, token.end);
  return names.has(token.text) || smallCodes.has(token.text) || (codes.has(raw) && raw !== 'USD');
}

/** The sum of money that begins at token `i`; null where none does. */
export function readMoney(
  text: string,
  tokens: readonly Token[],
  i: number,
): { span: MoneySpan; next: number } | null {
  const found = readPrefixed(text, tokens, i) ?? readSuffixed(text, tokens, i);
  const [first, last] = [tokens[i], found === null ? undefined : tokens[found.next - 1]];
  if (found === null || first === undefined || last === undefined) return null;
  const place = { start: first.start, end: last.end, text: text.slice(first.start, last.end) };
  if (found.currency !== undefined)
    return { span: { ...place, kind: 'foreign', currency: found.currency }, next: found.next };
  const unsure = found.unsure ? { unsure: true as const } : {};
  return { span: { ...place, kind: 'usd', usd: found.value, ...unsure }, next: found.next };
}

interface Found {
  value: number;
  next: number;
  unsure?: boolean;
  /** Set: not US dollars. */
  currency?: string;
}

/** `$20`, `-$3`, `US$20`, `USD 5`, `€20`, `CA$20`, `CHF 20`. */
function readPrefixed(text: string, tokens: readonly Token[], i: number): Found | null {
  const minus = (at: number): 0 | 1 => (isMinus(tokens, at) ? 1 : 0);
  let at = i + minus(i);
  const sign = tokens[at];
  if (sign === undefined) return null;
  let currency: string | undefined;
  if (sign.kind === 'word' && tokens[at + 1]?.text === '$' && touches(tokens, at + 1)) {
    if (!american.has(sign.text)) currency = `${text.slice(sign.start, sign.end)}$`;
    at += 2;
  } else if (sign.text === '$' || sign.text === 'usd') at++;
  else if (isForeign(text, sign)) {
    currency = text.slice(sign.start, sign.end);
    at++;
  } else return null;
  const second = minus(at);
  const quantity = readQuantity(tokens, at + second, true);
  if (quantity === null) return null;
  const { factor, next } = readScale(tokens, quantity.next);
  const negative = minus(i) === 1 || second === 1;
  return { ...scaled(quantity, factor, negative), next, ...(currency === undefined ? {} : { currency }) };
}

const scaled = (
  quantity: Quantity,
  factor: number,
  negative: boolean,
): { value: number; unsure: boolean } => ({
  value: Math.round((negative ? -1 : 1) * quantity.value * factor * 1e6) / 1e6,
  unsure: quantity.unsure && factor === 1,
});

/** `20$`, `20 dollars`, `50 cents`, `20 dollars and 50 cents`, `half a dollar`, `20 CAD`, `20 Canadian dollars`. */
function readSuffixed(text: string, tokens: readonly Token[], i: number): Found | null {
  const isNegative = isMinus(tokens, i);
  const start = isNegative ? i + 1 : i;
  const quantity = readQuantity(tokens, start, true);
  if (quantity === null) return null;
  const { factor, next } = readScale(tokens, quantity.next);
  const { value, unsure } = scaled(quantity, factor, isNegative);
  const unit = tokens[next];
  if (unit === undefined) return null;
  if (centWords.test(unit.text)) return { value: value / 100, next: next + 1 };
  if (unit.text === '$' && tokens[next + 1]?.kind === 'number' && touches(tokens, next + 1)) return null;
  if (dollarWords.test(unit.text)) return withCents(tokens, { value, unsure, next: next + 1 });
  if (isForeign(text, unit)) return { value, next: next + 1, currency: text.slice(unit.start, unit.end) };
  const dollars = tokens[next + 1];
  if (unit.kind !== 'word' || !/^dollars?$/.test(dollars?.text ?? '')) return null;
  if (american.has(unit.text)) return withCents(tokens, { value, unsure, next: next + 2 });
  return { value, next: next + 2, currency: text.slice(unit.start, dollars?.end) };
}

function withCents(tokens: readonly Token[], found: Found): Found {
  const at = found.next + (tokens[found.next]?.text === 'and' ? 1 : 0);
  const cents = readQuantity(tokens, at);
  if (cents === null || !centWords.test(tokens[cents.next]?.text ?? '')) return found;
  return { ...found, value: found.value + cents.value / 100, next: cents.next + 1 };
}
