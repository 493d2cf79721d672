/** ASCII with single spaces: by far the most texts, and they keep their string. */
const alreadyNormal = /^[!-~]+(?: [!-~]+)*$/;

/** NFC, runs of white space as one space, no space at the ends. Letter case stays: it may be the task. */
export function normaliseText(text: string): string {
  if (alreadyNormal.test(text)) return text;
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

/** At most `length` UTF-16 units, the last one an ellipsis when something was cut; never half a character. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 2);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, length - (splitsPair ? 2 : 1))}…`;
}

/** `6214` -> `6,214`. */
export const formatCount = (count: number): string => count.toLocaleString('en-US');

/** `plural(1, 'row')` -> `1 row`, `plural(1200, 'row')` -> `1,200 rows`. */
export const plural = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
