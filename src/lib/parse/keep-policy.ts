/**
 * Weights to keep besides those that are needed: `all`, or of the best node, of the finalists, of the last `last`
 * nodes.
 */
export type KeepPolicy = 'all' | { best: boolean; finalists: boolean; last: number };

/** Reads `best, finalists, last:3`, `winner` for nothing else, or `all`; null for anything else. */
export function parseKeepPolicy(text: string): KeepPolicy | null {
  const words = text
    .toLowerCase()
    .split(',')
    .map((word) => word.trim());
  if (words.length === 1 && words[0] === 'all') return 'all';
  const policy = { best: false, finalists: false, last: 0 };
  for (const word of words) {
    const last = /^last ?: ?(\d{1,4})$/.exec(word)?.[1];
    if (word === 'best') policy.best = true;
    else if (word === 'finalists') policy.finalists = true;
    else if (last !== undefined) policy.last = Number(last);
    else if (word !== 'winner') return null;
  }
  return policy;
}
