/**
 * Numbers as people write them: `#7`, `0.870`, `2,900`, `1e-3`. A minus counts where a number begins, not between the
 * ends of a range or inside a date.
 */
const pattern =
  /(?<![\p{N}.])(#\s?)?((?<![\p{L}\p{N})\]]|\p{N} )[-\u2013]|\u2212)?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+)/giu;
/** In words, from eleven on; smaller ones also count things that are plain to see. */
const words =
  /\b(?:eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?)\b/i;

interface Found {
  text: string;
  isRound: boolean;
  value: number;
}

const numbersOf = (text: string): Found[] =>
  [...text.normalize('NFKC').matchAll(pattern)].map(([whole, hash, minus, digits]) => ({
    text: whole.trim(),
    isRound: hash !== undefined,
    value: Number((digits as string).replaceAll(',', '')) * (minus === undefined ? 1 : -1),
  }));

/**
 * Numbers of an answer that do not occur in the records. Nodes are compared with nodes, a number with a minus with the
 * same with a minus. Trailing zeros make no difference.
 */
export function unknownNumbers(answer: string, records: string): string[] {
  const known = numbersOf(records);
  const rounds = new Set(known.filter((n) => n.isRound).map((n) => n.value));
  // `0.040 worse` is a way to say −0.040.
  const values = new Set(known.flatMap(({ value }) => [value, Math.abs(value)]));
  const strange = numbersOf(answer).filter(({ isRound, value }) => !(isRound ? rounds : values).has(value));
  const inWords = words.exec(answer)?.[0];
  // Digits of other scripts are not read, so they are not allowed.
  const foreign = /(?![0-9])\p{N}/u.exec(answer.normalize('NFKC'))?.[0];
  return [...new Set([...strange.map((n) => n.text), ...[inWords, foreign].filter((w) => w !== undefined)])];
}
