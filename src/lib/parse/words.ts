const ones = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const teens = [
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
];
const tens: Record<string, number> = {
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
};
const small = [...ones, ...teens];
const digitWords = ones.slice(1, 10).join('|');

/** Source of a regular expression for a number in digits: `12`, `1.5`, `1,5`, `1,000`. */
export const digitsPattern = String.raw`(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)`;

/** The same for a number below a hundred in words. */
export const numberWordPattern = `(?:(?:${Object.keys(tens).join('|')})(?:[- ](?:${digitWords}))?|${[...small].reverse().join('|')})`;

/** Either. */
export const numberPattern = `(?:${digitsPattern}|${numberWordPattern})`;

/** The value of one number word below a hundred, `twenty` or `seven`; null for any other word. */
export function wordValue(word: string): number | null {
  const index = small.indexOf(word);
  if (index >= 0) return index;
  return Object.hasOwn(tens, word) ? (tens[word] ?? null) : null;
}

/** Reads what `numberPattern` matched; null for anything else. */
export function parseNumber(text: string): number | null {
  const word = text.trim().toLowerCase();
  if (/^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(word)) return Number(word.replaceAll(',', ''));
  if (/^-?(\d+([.,]\d+)?|\.\d+)$/.test(word)) return Number(word.replace(',', '.'));
  const index = small.indexOf(word);
  if (index >= 0) return index;
  const [ten = '', one = ''] = word.split(/[- ]/);
  const base = tens[ten];
  if (base === undefined) return null;
  return base + Math.max(0, ones.indexOf(one));
}

/**
 * Optimal string alignment distance (Damerau-Levenshtein without moving a pair twice): insertions, deletions,
 * replacements and exchanges of neighbours. Answers `limit + 1` as soon as it is certain to be above `limit`.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        value = Math.min(value, (before[j - 2] ?? 0) + 1);
      row.push(value);
      least = Math.min(least, value);
    }
    if (least > limit) return limit + 1;
    before = last;
    last = row;
  }
  return last[b.length] ?? limit + 1;
}

/** Number of slips that a typo may have: none below four letters, one below eight, two from eight on. */
const allowedSlips = (word: string): number => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2);

/** Equal up to the allowed slips; the first letter has to be right. */
export function isNearly(word: string, target: string): boolean {
  if (word === target) return true;
  const slips = Math.min(allowedSlips(word), allowedSlips(target));
  return slips > 0 && word[0] === target[0] && editDistance(word, target, slips) <= slips;
}

/**
 * Corrects misspelt words towards a vocabulary. Words of the vocabulary, words of `keep` and words that are nearly two
 * different vocabulary words stay unchanged. Expects lower-case text.
 */
export function correctWords(
  text: string,
  vocabulary: readonly string[],
  keep: ReadonlySet<string>,
  least = 5,
): string {
  const known = new Set(vocabulary);
  return text.replace(/[a-z]+/g, (word) => {
    if (word.length < least || known.has(word) || keep.has(word)) return word;
    const near = vocabulary.filter((v) => v.length >= least && isNearly(word, v));
    const distances = near.map((v) => editDistance(word, v, 2));
    const best = Math.min(...distances);
    const closest = near.filter((_, i) => distances[i] === best);
    return closest.length >= 1 ? (closest[0] ?? word) : word;
  });
}
