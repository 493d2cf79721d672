import type { Row } from '../types.ts';

/** Keeps the first of rows with equal texts; their source does not matter. Another rejected answer is another pair. */
export function dedupExact(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter(({ prompt, completion, rejected }) => {
    const pair = rejected === undefined ? '' : `\0${rejected}`;
    const key = `${prompt.length}:${prompt}${completion}${pair}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
