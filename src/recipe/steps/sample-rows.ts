import { unitHash } from '../../lib/hash.ts';
import type { Row } from '../types.ts';

/**
 * At most `count` rows in their order, drawn by a hash of seed, prompt and completion: a row's place in the draw does not
 * depend on the others, and a smaller draw is part of a larger one. Equal rows are drawn one after the other.
 */
export function sampleRows(rows: readonly Row[], count: number, seed: number): Row[] {
  if (rows.length <= count) return [...rows];
  const seen = new Map<string, number>();
  const draws = rows.map((row, index) => {
    const key = JSON.stringify([row.prompt, row.completion]);
    const copy = seen.get(key) ?? 0;
    seen.set(key, copy + 1);
    return { index, draw: unitHash(`${seed} ${copy} ${key}`) };
  });
  return draws
    .sort((a, b) => a.draw - b.draw || a.index - b.index)
    .slice(0, count)
    .sort((a, b) => a.index - b.index)
    .map(({ index }) => rows[index]!);
}
