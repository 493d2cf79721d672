import { loosen, shapeOf } from '../shapes.ts';
import { normaliseText } from '../text.ts';
import type { Row } from '../types.ts';

/** Prompts that occur with more than one completion. Indices are positions among the usable rows. */
interface Conflicts {
  prompts: number;
  /** Rows in the minority of their prompt, at least this many of which must be wrong. */
  minority: number[];
}

/** Counts of one pass over the usable rows, so that warnings need only one more. */
export interface Profile {
  rows: number;
  exactRepeats: number;
  conflicts: Conflicts;
  /** Distinct completions with their counts, most frequent first; null above 50 or when few repeat. */
  labels: { label: string; count: number }[] | null;
  /** Loose shapes of completions, most frequent first, each with its most frequent exact shape and its rows. */
  shapes: { id: number; loose: string; shown: string; count: number }[];
  /** `id` of the loose shape of each row's completion. */
  shapeIds: readonly number[];
  /** Characters of prompt + completion of each row. */
  lengths: readonly number[];
}

const maxLabels = 50;
/** Shapes are taken of this many characters; a longer text rarely shares its shape anyway. */
const shapeCharacters = 120;
/** At most this many shapes are counted apart; free text has as many as rows, and the rest share one entry. */
const maxShapes = 1000;

/** Collects a profile row by row. */
export function createProfiler(): { add(row: Row): void; finish(rows: readonly Row[]): Profile } {
  const firstOfPrompt = new Map<string, number>();
  const repeated = new Map<number, number[]>();
  const completions = new Map<string, number>();
  const looseOf = new Map<string, string>();
  const idOfShape = new Map<string, number>();
  const shapes: { loose: string; count: number; exact: Map<string, number> }[] = [];
  const shapeIds: number[] = [];
  const lengths: number[] = [];

  const countShape = (text: string): number => {
    const exact = shapeOf(text);
    const own = looseOf.get(exact) ?? loosen(exact);
    if (looseOf.size < maxShapes) looseOf.set(exact, own);
    const loose = idOfShape.has(own) || idOfShape.size < maxShapes ? own : '';
    let id = idOfShape.get(loose);
    if (id === undefined) {
      id = shapes.push({ loose, count: 0, exact: new Map() }) - 1;
      idOfShape.set(loose, id);
    }
    const shape = shapes[id]!;
    shape.count += 1;
    if (shape.exact.size < maxLabels || shape.exact.has(exact))
      shape.exact.set(exact, (shape.exact.get(exact) ?? 0) + 1);
    return id;
  };

  return {
    add(row) {
      const index = lengths.length;
      lengths.push(row.prompt.length + row.completion.length);
      const key = normaliseText(row.prompt);
      const first = firstOfPrompt.get(key);
      if (first === undefined) firstOfPrompt.set(key, index);
      else if (repeated.has(first)) repeated.get(first)?.push(index);
      else repeated.set(first, [index]);
      if (completions.has(row.completion) || completions.size <= maxLabels)
        completions.set(row.completion, (completions.get(row.completion) ?? 0) + 1);
      shapeIds.push(countShape(row.completion.slice(0, shapeCharacters)));
    },
    finish(rows) {
      return {
        rows: rows.length,
        ...countRepeats(rows, repeated),
        labels: asLabels(completions, rows.length),
        shapes: shapes
          .map(({ loose, count, exact }, id) => ({ id, loose, count, shown: mostFrequent(exact) }))
          .sort((a, b) => b.count - a.count),
        shapeIds,
        lengths,
      };
    },
  };
}

/** At most 50 different completions, each used twice on average: then they are labels. */
function asLabels(completions: Map<string, number>, rows: number): Profile['labels'] {
  if (completions.size > maxLabels || completions.size * 2 > rows) return null;
  return [...completions]
    .map(([label, count]) => ({ label, count }))
    .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
}

function mostFrequent(counts: Map<string, number>): string {
  let best = '';
  let most = 0;
  for (const [text, count] of counts) if (count > most) [best, most] = [text, count];
  return best;
}

function countRepeats(
  rows: readonly Row[],
  repeated: Map<number, number[]>,
): { exactRepeats: number; conflicts: Conflicts } {
  let exactRepeats = 0;
  let prompts = 0;
  const minority: number[] = [];
  for (const [first, others] of repeated) {
    const indices = [first, ...others];
    const counts = new Map<string, number>();
    for (const index of indices) {
      const completion = rows[index]!.completion;
      counts.set(completion, (counts.get(completion) ?? 0) + 1);
    }
    exactRepeats += indices.length - counts.size;
    if (counts.size < 2) continue;
    prompts += 1;
    const majority = mostFrequent(counts);
    for (const index of indices) if (rows[index]!.completion !== majority) minority.push(index);
  }
  return { exactRepeats, conflicts: { prompts, minority: minority.sort((a, b) => a - b) } };
}
