/** Control, format (zero-width, direction, tags) and variation characters: people see none of them, models read all. */
const unseen = /\p{Cc}|\p{Cf}|\p{Variation_Selector}/gu;

/** Text from outside on one line, at most `maxChars` long, without what people would not see: HTML comments included. */
export function cleanText(text: string, maxChars: number): string {
  const seen = text
    .replace(/<!--[\s\S]*?(?:-->|$)/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(unseen, '')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/ +/g, ' ')
    .trim();
  if (seen.length <= maxChars) return seen;
  return `${seen.slice(0, maxChars - 1).replace(/\p{Surrogate}$/u, '')}…`;
}
