import type { Row } from '../types.ts';

/** Keeps the first of rows with equal prompt and completion; their source does not matter. */
export function dedupExact(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter(({ prompt, completion }) => {
    const key = `${prompt.length}:${prompt}${completion}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
