/**
 * Characters as token ids. 0 to 4 are special, 5 to 99 are printable ASCII (space to ~). Tabs and line breaks have no
 * token of their own: they are read as a space, so a prediction never holds one. Every other character is `unknown`.
 */
export const tokens = { padding: 0, begin: 1, separator: 2, end: 3, unknown: 4 } as const;

/** A multiple of 4, as the kernels require. */
export const vocabularySize = 100;

const firstPrintable = 5;
const space = 32;
const tilde = 126;

function tokenOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code === 9 || code === 10 || code === 13) return firstPrintable;
  return code >= space && code <= tilde ? code - space + firstPrintable : tokens.unknown;
}

/** One id per character (code point), without begin or end. */
export function encode(text: string): number[] {
  return Array.from(text, tokenOf);
}

/** The number of ids that `encode` gives, without making them. */
export const countCharacters = (text: string): number =>
  isReadable(text) ? text.length : Array.from(text).length;

/** The text of these ids; special tokens vanish, unknown ones become U+FFFD. */
export function decode(ids: readonly number[]): string {
  let text = '';
  for (const id of ids) {
    if (id === tokens.unknown) text += '\uFFFD';
    else if (id >= firstPrintable) text += String.fromCharCode(id - firstPrintable + space);
  }
  return text;
}

const readable = /^[\t\n\r -~]*$/;

/** Whether the model knows every character of the text. */
export const isReadable = (text: string): boolean => readable.test(text);

/** Number of characters of the text that are read as `unknown`. */
export function unknownCharacters(text: string): number {
  if (isReadable(text)) return 0;
  let count = 0;
  for (const character of text) if (tokenOf(character) === tokens.unknown) count++;
  return count;
}
