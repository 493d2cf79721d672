/** A word, a number in digits, or a sign, with its place in the text. White space separates tokens. */
export interface Token {
  start: number;
  end: number;
  /** Lower case, typographic quotes and dashes as plain ones. */
  text: string;
  kind: 'word' | 'number' | 'sign';
  /** Of a number. */
  value: number;
}

/** Nothing stands between token `i` and the one before it. */
export const touches = (tokens: readonly Token[], i: number): boolean =>
  tokens[i - 1] !== undefined && tokens[i - 1]?.end === tokens[i]?.start;

/** Of a longer text only the first part is read. */
export const maxReadCharacters = 8000;

const lettersAfterNumber = /[\p{L}\p{M}]+/uy;
const wordPattern = /\p{L}[\p{L}\p{M}\p{N}'’_]*/uy;
/** Groups of thousands by commas or apostrophes; a decimal sign, and an exponent of ten. */
const numberPattern =
  /\d{1,3}(?:([,'’])\d{3})(?:\1\d{3})*(?!\d)(?:\.\d+)?|(?:\d+(?:[.,]\d+)?|\.\d+)(?:e[+-]?\d+)?/uy;
const space = /\s+/uy;

const plainSigns: Record<string, string> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '−': '-',
};

/** The text of a number as `numberPattern` takes it. */
export function digitsValue(text: string): number {
  if (/^\d{1,3}(?:[,'’]\d{3})+(?:\.\d+)?$/.test(text)) return Number(text.replace(/[,'’]/g, ''));
  return Number(text.replace(',', '.'));
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

/** Cuts a text into tokens, in one pass: the time is linear in its length. */
export function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const gap = matchAt(space, text, at);
    if (gap !== null) {
      at += gap.length;
      continue;
    }
    const before = tokens.at(-1);
    const isUnit = before?.kind === 'number' && before.end === at;
    const word = matchAt(isUnit ? lettersAfterNumber : wordPattern, text, at);
    const number = word === null ? matchAt(numberPattern, text, at) : null;
    const raw = word ?? number ?? String.fromCodePoint(text.codePointAt(at) ?? 32);
    tokens.push({
      start: at,
      end: at + raw.length,
      text:
        word === null && number === null ? (plainSigns[raw] ?? raw) : raw.toLowerCase().replaceAll('’', "'"),
      kind: word !== null ? 'word' : number !== null ? 'number' : 'sign',
      value: number === null ? Number.NaN : digitsValue(number),
    });
    at += raw.length;
  }
  return tokens;
}
