import type { MarkedText } from './marked-text.ts';

/**
 * Signs that divide clauses where white space is around them, as a pattern. ` / ` and ` | ` are also part of a task
 * (`spam / no spam`): they divide beside a mark or a number only.
 */
export const dividingSigns = String.raw`(?:[-•]|(?<=⟧\s)[/|]|[/|](?=\s+(?:⟦|\d)))`;

/** Words and signs that stand alone between two clauses, as a pattern. */
export const joint = String.raw`\s(?:and|but|then|while|${dividingSigns})(?=\s)`;

const boundary = new RegExp(String.raw`\n|[.;!?,](?=\s|$)|${joint}`, 'g');

/** The clause of a text around a place: from one comma, stop or `and` to the next. */
export function clauseAround(text: string, from: number, to: number): { from: number; to: number } {
  let [start, end] = [0, text.length];
  for (const match of text.matchAll(boundary)) {
    const stop = match.index + match[0].length;
    if (stop <= from) start = stop;
    else if (match.index >= to) {
      end = match.index;
      break;
    }
  }
  return { from: start, to: end };
}

/** Words that say nothing about what is wanted: a clause of these and an amount is about the amount. */
const light = new Set(
  `a about actually all allowed also an and around as at better budget but by can compute cpu do done enough few
  fine-tune fine fine- for from get give go good gpu have hm i in instead is it it's just let lets let's limit machine
  make max maximum me min minimum more most my need no not now of ok okay on one only or our over overall please pls
  rather run running say search set should slot so spend stop than that the then this time to too total train training
  trex tune under until up us use using wait want we with within within would yes you your teach learn task approx
  approximately roughly tops cap less ceiling maybe perhaps be will better least above below hi hello hey thanks sure`.split(
    /\s+/,
  ),
);

export const isLightWord = (word: string): boolean => light.has(word);

/** The clause around a place holds nothing but light words, marks, and words of `names`. */
export function isLight(marked: MarkedText, from: number, to: number, names: ReadonlySet<string>): boolean {
  const clause = clauseAround(marked.text, from, to);
  const words = marked.text
    .slice(clause.from, clause.to)
    .replace(/⟦[a-z]\d+⟧/g, ' ')
    .match(/[\p{L}][\p{L}\p{N}'-]*/gu);
  return (words ?? []).every(
    (word) => light.has(word) || names.has(word) || names.has(word.replace(/s$/, '')),
  );
}
