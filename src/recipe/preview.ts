import { clipUnits } from '../lib/text.ts';
import type { RecipeResult, RecipeTrace } from './run-recipe.ts';
import type { Row } from './types.ts';

/** What a recipe would give, small enough for a message. */
export interface RecipePreview {
  rows: number;
  /** Rows by input, the largest first. Made rows count for the input of the row they were made from. */
  sources: { source: string; rows: number }[];
  distinctPrompts: number;
  distinctCompletions: number;
  /** Longest prompt + completion in characters. */
  longestCharacters: number;
  /** The first rows, texts cut to 200 characters. */
  examples: Row[];
  trace: RecipeTrace[];
}

/** Sums up what `runRecipe` gave. */
export function previewRecipe({ rows, trace }: RecipeResult, exampleCount = 5): RecipePreview {
  const bySource = new Map<string, number>();
  let longestCharacters = 0;
  for (const { prompt, completion, source = '' } of rows) {
    bySource.set(source, (bySource.get(source) ?? 0) + 1);
    longestCharacters = Math.max(longestCharacters, prompt.length + completion.length);
  }
  return {
    rows: rows.length,
    sources: [...bySource]
      .map(([source, count]) => ({ source, rows: count }))
      .sort((a, b) => b.rows - a.rows || (a.source < b.source ? -1 : 1)),
    distinctPrompts: new Set(rows.map((row) => row.prompt)).size,
    distinctCompletions: new Set(rows.map((row) => row.completion)).size,
    longestCharacters,
    examples: rows.slice(0, exampleCount).map((row) => ({
      ...row,
      prompt: clipUnits(row.prompt, 200),
      completion: clipUnits(row.completion, 200),
    })),
    trace,
  };
}
