const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;

/** Position of the quote that closes the string which opens at `opening`; the end of the text where none does. */
export function endOfString(text: string, opening: number): number {
  for (let at = text.indexOf('"', opening + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
}

/** Texts between the outer brackets of valid JSON, without the commas. */
function* partsOf(text: string): Generator<string> {
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth === 1) start = at + 1;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
      if (depth > 0) continue;
      const last = text.slice(start, at).trim();
      if (last !== '') yield last;
      return;
    } else if (code === comma && depth === 1) {
      yield text.slice(start, at).trim();
      start = at + 1;
    }
  }
}

/**
 * The members of a JSON object, each value as its text in the file: `2.50` and 9007199254740993 keep their
 * digits, which they lose as numbers. `text` must be valid JSON; of two members of one name the last counts.
 */
export function memberTexts(text: string): Map<string, string> {
  const members = new Map<string, string>();
  for (const part of partsOf(text)) {
    const end = endOfString(part, 0);
    members.set(JSON.parse(part.slice(0, end + 1)) as string, part.slice(part.indexOf(':', end) + 1).trim());
  }
  return members;
}

/** The items of a JSON list, each as its text in the file. `text` must be valid JSON. */
export const itemTexts = (text: string): string[] => [...partsOf(text)];

const number = /-?\d[\d.eE+-]*/y;

/**
 * Valid JSON on one line, spaced as Python writes it: `{"a": [1, 2.5]}`. Whole numbers keep their digits; others are
 * written as Python would, so that a model that was trained on Python's text is compared with the same text.
 */
export function spaceJson(text: string): string {
  let spaced = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') {
      const end = endOfString(text, at);
      spaced += JSON.stringify(JSON.parse(text.slice(at, end + 1)));
      at = end;
    } else if (character === ',' || character === ':') spaced += `${character} `;
    else if (/[-\d]/.test(character)) {
      number.lastIndex = at;
      const written = number.exec(text)?.[0] ?? character;
      spaced += pythonNumber(written);
      at += written.length - 1;
    } else if (character.trim() !== '') spaced += character;
  }
  return spaced;
}

function pythonNumber(written: string): string {
  if (/^-?\d+$/.test(written)) return written;
  const value = Number(written);
  if (!Number.isFinite(value)) return written;
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
}
