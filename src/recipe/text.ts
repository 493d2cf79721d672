import { clipUnits, numberText } from '../lib/text.ts';

/** ASCII with single spaces, as most texts are: they are returned as they are. */
const alreadyNormal = /^[!-~]+(?: [!-~]+)*$/;

/** NFC, runs of white space as one space, no space at the ends. Letter case is kept: it may be the task. */
export function normaliseText(text: string): string {
  if (alreadyNormal.test(text)) return text;
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

/** A name from a person's file, as it is shown in a sentence. */
export const quoted = (name: string): string => `\`${clipUnits(name, 40)}\``;

/** The first `max` names, each quoted, and the number of others: `a`, `b` and 3 more. */
export function quotedList(names: readonly string[], max: number): string {
  const more = names.length > max ? ` and ${numberText(names.length - max)} more` : '';
  return `${names.slice(0, max).map(quoted).join(', ')}${more}`;
}
