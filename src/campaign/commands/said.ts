import { type FoundAmount, findAmounts } from '../../lib/parse/amounts.ts';

/** A message, or a part of one, as the grammar reads it. */
export interface Said {
  /** Lower case, single spaces, without greeting and politeness. */
  text: string;
  /** The same with every amount of time or money as `⟦n⟧`, the place of the amount in `amounts`. */
  marked: string;
  amounts: FoundAmount[];
}

/** Takes the amounts out of a text in lower case. `10 more minutes` is read as `more 10 minutes`. */
export function markAmounts(text: string): Said {
  const ordered = text
    .replace(/(?<![$\d.,] ?)(\d+(?:\.\d+)?) (more|extra|additional) (?=[a-z])/g, '$2 $1 ')
    .replace(/\banother (?=(?:gpu[- ]?)?(?:hour|minute|day)\b)/g, 'another 1 ');
  const amounts = findAmounts(ordered);
  let marked = '';
  let at = 0;
  for (const [i, { start, end }] of amounts.entries()) {
    marked += `${ordered.slice(at, start)}⟦${i}⟧`;
    at = end;
  }
  return { text, marked: marked + ordered.slice(at), amounts };
}
