import { type FoundAmount, findAmounts } from '../../../lib/parse/amounts.ts';
import { type FoundPrice, findPrice } from '../../../lib/parse/price.ts';
import { correctWords } from '../../../lib/parse/words.ts';

/**
 * A message made ready for reading: lower case, misspelt words of our vocabulary corrected, and every duration or sum
 * of money replaced by a mark `⟦0⟧` that points into `amounts`. Readers blank out what they have understood.
 * Words in `names` (of tasks and models) are never corrected.
 */
export interface MarkedText {
  text: string;
  amounts: FoundAmount[];
  /** The price of an hour, blanked out of the text: its dollars are no limit. */
  price: FoundPrice | null;
}

/** Words whose misspellings are corrected before anything is read. */
const vocabulary =
  `accuracy accurate exact match contains target budget minute minutes second seconds hours dollars spend
  spending approve approval approvals deadline tomorrow today tonight monday tuesday wednesday thursday friday
  saturday sunday parallel concurrent concurrently simultaneously experiment experiments round rounds nodes greedy
  sequential sequentially policy default whatever cancel forget never model metric measure adapter adapters
  fine-tune percent least above below under before asking without actually instead attached attachment
  leave label labels title`.split(/\s+/);

/** Ordinary words that lie one slip from the vocabulary. */
const ordinary = new Set(
  `march much catch batch patch watch about again moment notes modes spent speed send sound found hour house
  touch first there where three their these those store score shows shown level lever learn models model's matches
  matched metrics targets budgets minuted seconded titles labelled labeled label's ruled clever lease latest last leaves
  approved approves asked aging basking along alone among round's around ground exactly accurately contain contained
  policies sundays mondays fridays older order forgot foretell cancelled canceled cancels united units cents recent
  precent deadlines spends title's instance measured measures measuring contents sequence sequences experience hours'`.split(
    /\s+/,
  ),
);

const smartQuotes: [RegExp, string][] = [
  [/[\u2018\u2019]/g, "'"],
  [/[\u201c\u201d]/g, '"'],
  [/[\u2013\u2014]/g, '-'],
  [/\u00a0/g, ' '],
];

export function markText(raw: string, names: readonly string[] = []): MarkedText {
  let text = raw.slice(0, 8000).toLowerCase();
  for (const [pattern, plain] of smartQuotes) text = text.replace(pattern, plain);
  text = text.replace(/<@[^>]*>/g, ' ').replace(/[⟦⟧]/g, ' ');
  text = correctWords(text, vocabulary, names.length > 0 ? new Set([...ordinary, ...names]) : ordinary);
  const price = findPrice(text);
  if (price !== null)
    text = text.slice(0, price.at) + ' '.repeat(price.length) + text.slice(price.at + price.length);
  const amounts = findAmounts(text);
  let done = '';
  let at = 0;
  amounts.forEach((found, index) => {
    done += `${text.slice(at, found.start)}⟦${index}⟧`;
    at = found.end;
  });
  const rest = text.slice(at);
  return { text: dropNegated(done + rest), amounts, price };
}

/** `not 15 minutes, 30 minutes` and `15 minutes, no wait, 30 minutes`: what is taken back is blanked out. */
function dropNegated(text: string): string {
  return text
    .replace(/\b(?:not|rather than|instead of) ⟦\d+⟧/g, ' ')
    .replace(/\bnot (?:\d+(?:\.\d+)?\s?%?)(?=\s*(?:,|but|;|\.))/g, ' ')
    .replace(
      /⟦\d+⟧(?=\s*[,;.-]*\s*(?:no wait|no,? (?:i mean|make it|better|rather)|sorry|scratch that|i mean))/g,
      ' ',
    )
    .replace(
      /\b(?:(?:not|no longer) (?:accuracy|exact match|f1|rouge|em)\b(?=\s*(?:,|but|;|\.|-))|(?:instead of|rather than) (?:accuracy|exact match|f1|rouge(?:-l)?|em)\b)/g,
      ' ',
    )
    .replace(/\bfrom ⟦\d+⟧ to (?=⟦)/g, 'to ');
}

/** A match and the text with it blanked out. */
export interface Taken {
  match: RegExpExecArray;
  rest: MarkedText;
}

export function take(marked: MarkedText, pattern: RegExp): Taken | null {
  const match = pattern.exec(marked.text);
  if (!match) return null;
  const text = `${marked.text.slice(0, match.index)} ${' '.repeat(Math.max(0, match[0].length - 1))}${marked.text.slice(match.index + match[0].length)}`;
  return { match, rest: { ...marked, text } };
}

/** Source of a pattern for one amount; its group is the index. */
export const amountMark = String.raw`⟦(\d+)⟧`;

export const amountAt = (marked: MarkedText, index: string | undefined): FoundAmount | null =>
  marked.amounts[Number(index)] ?? null;

/** Words left over, without marks and punctuation. */
export const leftWords = (marked: MarkedText): string[] =>
  marked.text.replace(/⟦\d+⟧/g, ' ').match(/[a-z][a-z0-9'-]*/g) ?? [];
