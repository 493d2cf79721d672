import { numberPattern, parseNumber } from './words.ts';

/** The price of an hour, found in a text, with its place `at` and `length`. May be zero: the caller judges. */
export interface FoundPrice {
  at: number;
  length: number;
  usd: number;
  /** For an hour of one GPU, which is not all of a slot with several. */
  perGpu: boolean;
}

const money = `(?:(?:(?:us)?\\$|usd)\\s?(?<signed>${numberPattern})(?![\\w])|(?<![\\w.,$€£-])(?<worded>${numberPattern})\\s?(?:\\$|us dollars?|dollars?|usd|bucks)(?![a-z]))`;
const hour = '(?:(?:gpu|accelerator|slot|compute|node|machine)[- ]?)?(?:hours?|hrs?|h)(?![a-z0-9])';
const patterns = [
  `${money}\\s*(?:/\\s?|per |an? |each |every |for (?:an?|one|each|every) )${hour}(?: (?:per|a|an|each|and|for (?:an?|one|each|every)) gpu\\b)?`,
  `\\b(?:an?|one|the|each) ${hour}(?: of (?:an?|one) gpu\\b)?(?: on (?:an?|one) slot)?(?: here)? (?:costs?|is|=)(?: us)?(?: about| around)? ${money}`,
  `\\bhourly (?:price|rate|cost)(?: here)?(?: is|:|=| of)? ${money}`,
].map((pattern) => new RegExp(pattern, 'i'));

/** `$2.50 an hour`, `3 dollars per GPU-hour`, `$3/h`, `an hour here costs $2.50`; null when a text holds none. */
export function findPrice(text: string): FoundPrice | null {
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    const usd = parseNumber(match?.groups?.signed ?? match?.groups?.worded ?? '');
    if (match === null || usd === null) continue;
    return { at: match.index, length: match[0].length, usd, perGpu: /\bgpu\b/i.test(match[0]) };
  }
  return null;
}
