import { shapeOf } from '../shapes.ts';

/** A run of digits or letters; `start` and `end` are positions in the text. */
export interface Token {
  text: string;
  start: number;
  end: number;
}

/** Runs of digits or letters, in order. */
export function tokensOf(text: string): Token[] {
  return [...text.matchAll(/\p{Nd}+|\p{L}[\p{L}\p{M}]*/gu)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** A token of the completion (by position) that occurs once in the prompt, and its place (by position) there. */
export interface CopiedSpan {
  completionToken: number;
  promptToken: number;
  text: string;
}

const isDigits = (text: string): boolean => /^\p{Nd}/u.test(text);
/** `5th`: another number would need another ending. */
const isOrdinal = (prompt: string, token: Token): boolean =>
  isDigits(token.text) && /^(?:st|nd|rd|th)(?!\p{L})/iu.test(prompt.slice(token.end, token.end + 3));

/**
 * Digit runs and words of two letters or more that occur exactly once in the prompt and once in the completion. Which
 * of two places with the same short number (the 3rd of month 3) was copied would be a guess.
 */
export function copiedSpans(prompt: string, promptTokens: Token[], completionTokens: Token[]): CopiedSpan[] {
  const places = new Map<string, number[]>();
  promptTokens.forEach(({ text }, place) => {
    const others = places.get(text);
    if (others === undefined) places.set(text, [place]);
    else others.push(place);
  });
  const uses = new Map<string, number>();
  for (const { text } of completionTokens) uses.set(text, (uses.get(text) ?? 0) + 1);
  return completionTokens.flatMap(({ text }, completionToken) => {
    const found = places.get(text) ?? [];
    const promptToken = found[0];
    if (promptToken === undefined || found.length > 1 || uses.get(text) !== 1) return [];
    if (!isDigits(text) && text.length < 2) return [];
    return isOrdinal(prompt, promptTokens[promptToken]!) ? [] : [{ completionToken, promptToken, text }];
  });
}

/** Whether a text is short enough to be equal by chance: `12` the day and `12` the month. */
export const mayCoincide = (text: string): boolean => text.length <= 2;

/** Key of the forms of a row; rows with equal forms have the same kind of span at the same place. */
export const formOf = (prompt: string, completion: string): string =>
  `${shapeOf(prompt)}\n${shapeOf(completion)}`;

/** The text with some tokens (by position) written differently. */
export function replaceTokens(text: string, tokens: Token[], written: ReadonlyMap<number, string>): string {
  let result = '';
  let from = 0;
  tokens.forEach(({ start, end }, place) => {
    const other = written.get(place);
    if (other === undefined) return;
    result += text.slice(from, start) + other;
    from = end;
  });
  return result + text.slice(from);
}
