/** The count of a shape, and its `share` in [0, 1] of all texts. */
export interface ShapeCount {
  shape: string;
  count: number;
  share: number;
}

const runs = /(\p{Nd}+)|\p{L}[\p{L}\p{M}]*/gu;

/** `a` small letters (or a script without case), `A` capitals, `Aa` anything mixed. */
function wordClass(word: string): string {
  if (word === word.toLowerCase()) return 'a';
  return word === word.toUpperCase() ? 'A' : 'Aa';
}

/**
 * The form of a text: each digit becomes 9, each run of letters its class, all else is unchanged.
 * `2021-03-05` -> `9999-99-99`, `the 5th of March` -> `a 9a a Aa`, `OK: 12 km` -> `A: 99 a`.
 */
export function shapeOf(text: string): string {
  return text.replace(runs, (run, digits: string | undefined) =>
    digits === undefined ? wordClass(run) : '9'.repeat(digits.length),
  );
}

/** A shape without lengths, letter case and number of words: those of `$12.50` -> `$9.9`, of `Tom van Ito` -> `a`. */
export function loosen(shape: string): string {
  return shape
    .replace(/9+/g, '9')
    .replace(/Aa|A/g, 'a')
    .replace(/a(?: a)+/g, 'a');
}

/** Shapes of the texts, the most frequent first; ties in alphabetical order. */
export function countShapes(texts: Iterable<string>): ShapeCount[] {
  const counts = new Map<string, number>();
  let total = 0;
  for (const text of texts) {
    const shape = shapeOf(text);
    counts.set(shape, (counts.get(shape) ?? 0) + 1);
    total += 1;
  }
  return [...counts]
    .map(([shape, count]) => ({ shape, count, share: count / total }))
    .sort((a, b) => b.count - a.count || (a.shape < b.shape ? -1 : 1));
}
