import { shapeOf } from '../shapes.ts';
import { normaliseText } from '../text.ts';
import type { Row } from '../types.ts';
import { sampleRows } from './sample-rows.ts';

/**
 * Repeats rows of small groups until each group is as large as the largest, every row at most `maxRepeat` times.
 * Nothing is dropped. Copies follow at the end, one of each row before a second of any, so that equal rows are far apart.
 */
export function balanceRows(
  rows: readonly Row[],
  by: 'completion' | 'prompt_shape',
  maxRepeat: number,
  seed: number,
): Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = by === 'completion' ? normaliseText(row.completion) : shapeOf(normaliseText(row.prompt));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  let target = 0;
  for (const group of groups.values()) target = Math.max(target, group.length);
  const balanced = [...rows];
  for (let round = 1; round < maxRepeat; round++)
    for (const group of groups.values()) {
      const missing = target - round * group.length;
      if (missing <= 0) continue;
      for (const row of sampleRows(group, missing, seed + round)) balanced.push(row);
    }
  return balanced;
}
