import type { Row } from '../types.ts';

/**
 * Keeps the first of rows with equal texts; their source does not matter. Another rejected answer is another pair, and
 * other turns or tools are another question.
 */
export function dedupExact(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter(({ prompt, completion, rejected, conversation }) => {
    const pair = rejected === undefined ? '' : `\0${rejected}`;
    const turns = conversation === undefined ? '' : `\0${JSON.stringify(conversation)}`;
    const key = `${prompt.length}:${prompt}${completion}${pair}${turns}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
