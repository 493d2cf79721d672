import { blank } from './marked-text.ts';
import type { Reader } from './reading.ts';

const change =
  '(?:raise|increase|lift|extend|lower|reduce|cut|set|change|make|bring|bump|put|add|double|triple|halve|give)';
/** Not to be done, or only considered: `don't raise the budget to 5 h`, `what if we set the budget to 5 h`. */
const opening = new RegExp(
  `\\b(?:(?:don't|do not|never|shouldn't|should not|won't|wouldn't|mustn't|must not|can't|cannot|not going to|rather not|no need to|not)(?: (?:you|we|i|ever|just|simply|want to))* ${change}\\b|(?:what if|suppose|imagine|should we|shall we|shall i|why|what happens (?:if|when))\\b)`,
  'g',
);

/**
 * A reader of money that leaves out values that a person does not want, or only asks about: from the words that say so
 * to the end of their clause. The rest stays in the text, to be reported as not used.
 */
export const exceptUnmeant =
  (read: Reader): Reader =>
  (marked, reading) => {
    const stretches = [...marked.text.matchAll(opening)].map(({ index, 0: words }) => {
      const end = marked.text.slice(index + words.length).search(/[,.;!?\n](?=\s|$)|\s(?:but|and)\s/);
      return { from: index, to: end < 0 ? marked.text.length : index + words.length + end };
    });
    if (stretches.length === 0) return read(marked, reading);
    const hidden = stretches.reduce((text, { from, to }) => blank(text, from, to), marked);
    const found = read({ ...hidden, taken: marked.taken }, reading);
    if (found === null) return null;
    const text = stretches.reduce(
      (now, { from, to }) => now.slice(0, from) + marked.text.slice(from, to) + now.slice(to),
      found.rest.text,
    );
    return { ...found, rest: { ...found.rest, text } };
  };
