import { type Quantity, readQuantity } from './quantity.ts';
import type { AmountSpan } from './span.ts';
import { type Token, touches } from './tokens.ts';

type TimeSpan = Extract<AmountSpan, { kind: 'time' | 'gpuTime' }>;

const units: Record<string, number> = Object.fromEntries(
  (
    [
      [0.001, 'ms msec millisecond milliseconds'],
      [1, 's sec secs second seconds'],
      [60, 'm min mins minute minutes'],
      [3600, 'h hr hrs hour hours'],
      [86_400, 'd day days'],
      [604_800, 'w week weeks'],
    ] as const
  ).flatMap(([seconds, names]) => names.split(' ').map((name) => [name, seconds])),
);
const slotWords = new Set(['compute', 'slot', 'cpu', 'cluster', 'wall', 'clock', 'wallclock', 'machine']);
/** Nouns that are counted in millions, so that `5m rows` is no time. */
const countedNouns = /^(?:rows?|examples?|samples?|lines?|pairs?|tokens?|params?|parameters?)$/;

const unitOf = (text: string | undefined): number | undefined =>
  text !== undefined && Object.hasOwn(units, text) ? units[text] : undefined;
const isDigits = (token: Token | undefined): token is Token =>
  token?.kind === 'number' && /^\d+$/.test(token.text);

/** The duration that begins at token `i`; null where none does. `text` is the whole text, of which `span.text` is cut. */
export function readTime(
  text: string,
  tokens: readonly Token[],
  i: number,
): { span: TimeSpan; next: number } | null {
  const isNegative = isMinus(tokens, i);
  const at = isNegative ? i + 1 : i;
  const found = readClock(tokens, at) ?? readAmount(text, tokens, at);
  const [first, last] = [tokens[i], found === null ? undefined : tokens[found.next - 1]];
  if (found === null || first === undefined || last === undefined) return null;
  const seconds = isNegative ? -found.seconds : found.seconds;
  const place = { start: first.start, end: last.end, text: text.slice(first.start, last.end) };
  const span: TimeSpan =
    found.gpu === undefined
      ? { ...place, kind: 'time', seconds }
      : { ...place, kind: 'gpuTime', seconds, gpu: found.gpu };
  return { span, next: found.next };
}

/**
 * A sign of a negative amount at token `i`: `-5 min` has one. `20-30 minutes` is a range, and in `accuracy - 10 min` the
 * dash stands between two clauses.
 */
export const isMinus = (tokens: readonly Token[], i: number): boolean => {
  const before = tokens[i - 1];
  const isRange = before !== undefined && touches(tokens, i) && before.kind !== 'sign';
  return tokens[i]?.text === '-' && !isRange && touches(tokens, i + 1);
};

interface Found {
  seconds: number;
  next: number;
  /** Unset: time on a slot. */
  gpu?: string | null;
}

/** `02:30:00`, `1-02:00:00` (days first, as in Slurm), and `1:30 h`; `17:30` alone is a time of day. */
function readClock(tokens: readonly Token[], i: number): Found | null {
  const days =
    isDigits(tokens[i]) && tokens[i + 1]?.text === '-' && isDigits(tokens[i + 2]) && touches(tokens, i + 2);
  let at = days ? i + 2 : i;
  const parts: number[] = [];
  for (;;) {
    const token = tokens[at];
    if (!isDigits(token)) break;
    parts.push(token.value);
    at++;
    if (parts.length > 3) return null;
    if (
      tokens[at]?.text !== ':' ||
      !touches(tokens, at) ||
      !touches(tokens, at + 1) ||
      !isDigits(tokens[at + 1])
    )
      break;
    at++;
  }
  const [a = 0, b = 0, c = 0] = parts;
  if (days) {
    if (parts.length < 2 || parts.length > 3 || !touches(tokens, i + 1)) return null;
    return { seconds: (tokens[i]?.value ?? 0) * 86_400 + a * 3600 + b * 60 + c, next: at };
  }
  if (parts.length === 3 && b < 60 && c < 60)
    return { seconds: a * 3600 + b * 60 + c, next: skipUnit(tokens, at) };
  const unit = unitOf(tokens[at]?.text);
  if (parts.length !== 2 || unit === undefined || (unit !== 3600 && unit !== 60) || b >= 60) return null;
  return { seconds: unit === 3600 ? a * 3600 + b * 60 : a * 60 + b, next: at + 1 };
}

const skipUnit = (tokens: readonly Token[], i: number): number =>
  unitOf(tokens[i]?.text) === 3600 ? i + 1 : i;

function readAmount(text: string, tokens: readonly Token[], i: number): Found | null {
  const quantity = readQuantity(tokens, i, true) ?? null;
  const first = quantity === null ? null : readOne(text, tokens, i, quantity);
  if (first === null) return null;
  const { unit } = first;
  let { seconds, next } = first;
  const half =
    tokens[next]?.text === 'and' && tokens[next + 1]?.text === 'a' && tokens[next + 2]?.text === 'half';
  if (half) return { ...first, seconds: seconds + unit / 2, next: next + 3 };
  // `1h30`: minutes without their unit, where nothing but digits may follow.
  const bare = tokens[next];
  if (
    unit === 3600 &&
    isDigits(bare) &&
    touches(tokens, next) &&
    bare.value < 60 &&
    unitOf(tokens[next + 1]?.text) === undefined
  )
    return { ...first, seconds: seconds + bare.value * 60, next: next + 1 };
  for (let smallest = unit; ; ) {
    const skip = tokens[next]?.text === 'and' ? 1 : 0;
    const more = readQuantity(tokens, next + skip);
    const one = more === null ? null : readOne(text, tokens, next + skip, more);
    if (one === null || one.unit >= smallest || one.gpu !== undefined) break;
    seconds += one.seconds;
    smallest = one.unit;
    next = one.next;
  }
  return { ...first, seconds, next };
}

function readOne(
  text: string,
  tokens: readonly Token[],
  i: number,
  quantity: Quantity,
): (Found & { unit: number }) | null {
  let at = quantity.next;
  if (tokens[at]?.text === '-') at++;
  const gpu = readGpu(tokens, at);
  if (gpu !== null) at = gpu.next;
  else
    while (slotWords.has(tokens[at]?.text ?? '')) {
      at++;
      if (tokens[at]?.text === '-') at++;
    }
  const token = tokens[at];
  const unit = unitOf(token?.text);
  if (token === undefined || unit === undefined) return null;
  const isWord = tokens[i]?.kind === 'word';
  // Letters alone are a unit after digits only; `a second file` is no time, and a capital D no day.
  if (isWord && token.text.length < 2) return null;
  if (tokens[i]?.text === 'a' && quantity.next === i + 1 && token.text === 'second') return null;
  if (token.text === 'd' && text[token.start] === 'D') return null;
  if (token.text === 'm' && countedNouns.test(tokens[at + 1]?.text ?? '')) return null;
  return { seconds: quantity.value * unit, next: at + 1, unit, ...(gpu === null ? {} : { gpu: gpu.name }) };
}

/** `GPU-`, `A100-`, `RTX-4090 ` before a unit; a kind of GPU is a word with a number in or behind it. */
function readGpu(tokens: readonly Token[], i: number): { name: string | null; next: number } | null {
  const first = tokens[i];
  if (first?.kind !== 'word') return null;
  const behind = (at: number): number => (tokens[at]?.text === '-' ? at + 1 : at);
  const unitAt = (at: number): boolean => unitOf(tokens[behind(at)]?.text) !== undefined;
  if (/^(?:gpu|gpus|accelerator)$/.test(first.text))
    return unitAt(i + 1) ? { name: null, next: behind(i + 1) } : null;
  if (/^[a-z]{1,4}\d{1,4}[a-z]{0,2}$/.test(first.text) && unitAt(i + 1))
    return { name: first.text, next: behind(i + 1) };
  const number = tokens[behind(i + 1)];
  if (
    /^(?:rtx|gtx|tesla|nvidia|amd|radeon|quadro)$/.test(first.text) &&
    number !== undefined &&
    number.kind !== 'sign'
  ) {
    const end = behind(i + 1) + 1;
    const name = `${first.text}${number.text}`;
    if (unitAt(end)) return { name, next: behind(end) };
  }
  return null;
}
