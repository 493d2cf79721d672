import { clipUnits, numberText } from '../lib/text.ts';

/** ASCII with single spaces: by far the most texts, and they keep their string. */
const alreadyNormal = /^[!-~]+(?: [!-~]+)*$/;

/** NFC, runs of white space as one space, no space at the ends. Letter case is kept: it may be the task. */
export function normaliseText(text: string): string {
  if (alreadyNormal.test(text)) return text;
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

/** A name from somebody's file, as it stands in a sentence. */
export const quoted = (name: string): string => `\`${clipUnits(name, 40)}\``;

/** The first `most` names, and how many more there are: `a`, `b` and 3 more, each quoted. */
export function quotedList(names: readonly string[], most: number): string {
  const more = names.length > most ? ` and ${numberText(names.length - most)} more` : '';
  return `${names.slice(0, most).map(quoted).join(', ')}${more}`;
}
