import { shapeOf } from '../shapes.ts';
import { normaliseText } from '../text.ts';
import type { Row } from '../types.ts';

/** Characters of prompt and completion together, as `longestCharacters` of a dataset report. */
export const lengthOf = (row: Row): number => row.prompt.length + row.completion.length;

export const filterLength = (rows: readonly Row[], min: number, max: number): Row[] =>
  rows.filter((row) => lengthOf(row) >= min && lengthOf(row) <= max);

/** Keeps rows whose completion, without spaces at the ends, has one of the shapes. */
export function filterShape(rows: readonly Row[], shapes: readonly string[]): Row[] {
  const allowed = new Set(shapes);
  return rows.filter((row) => allowed.has(shapeOf(row.completion.trim())));
}

/**
 * Resolves prompts that have different completions: keeps the rows of the most frequent completion when its share of the
 * prompt's rows is above `keepShare`, otherwise drops all rows of the prompt.
 */
export function filterConflicts(rows: readonly Row[], keepShare: number): Row[] {
  const groups = new Map<string, Map<string, number>>();
  const promptOf = rows.map((row) => normaliseText(row.prompt));
  rows.forEach((row, i) => {
    const counts = groups.get(promptOf[i]!) ?? new Map<string, number>();
    const completion = normaliseText(row.completion);
    counts.set(completion, (counts.get(completion) ?? 0) + 1);
    groups.set(promptOf[i]!, counts);
  });
  const kept = new Map<string, string | null>();
  for (const [prompt, counts] of groups) {
    const [top, most] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
    const total = [...counts.values()].reduce((a, b) => a + b, 0);
    kept.set(prompt, counts.size === 1 || most > keepShare * total ? top : null);
  }
  return rows.filter((row, i) => kept.get(promptOf[i]!) === normaliseText(row.completion));
}

/** Drops rows whose completion is the prompt, or the rest of it after the task name (`date: 5 May` -> `5 May`). */
export function filterCopies(rows: readonly Row[]): Row[] {
  return rows.filter((row) => {
    const completion = normaliseText(row.completion).toLowerCase();
    const prompt = normaliseText(row.prompt).toLowerCase();
    if (completion === prompt) return false;
    const afterTask = /^[^:]{1,40}:\s*(.+)$/su.exec(prompt)?.[1];
    const afterLine = row.prompt.split(/\n+/u).slice(1).join(' ');
    return completion !== afterTask && completion !== normaliseText(afterLine).toLowerCase();
  });
}
