import { createContext, Script } from 'node:vm';
import { TrexError } from '../../lib/errors.ts';
import type { Row } from '../types.ts';

/** Time limit of a batch; an ordinary pattern takes a few ms. */
const batchTimeoutMs = 500;
const batchRows = 2000;
const script = new Script('texts.map((text) => expression.test(text))');

/**
 * Keeps rows whose prompt or completion matches. A language model writes the patterns, and one with nested repetition
 * can run for years, so matching runs under the time limit of `node:vm`, which stops inside a match.
 * @throws TrexError `recipe_pattern_slow` or `recipe_pattern_invalid` (fault config)
 */
export function filterRegex(rows: readonly Row[], pattern: string, on: 'prompt' | 'completion'): Row[] {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, 'u');
  } catch (cause) {
    throw new TrexError('recipe_pattern_invalid', 'config', `The pattern \`${pattern}\` is not valid.`, {
      cause,
    });
  }
  const kept: Row[] = [];
  for (let from = 0; from < rows.length; from += batchRows) {
    const batch = rows.slice(from, from + batchRows);
    const context = createContext({ expression, texts: batch.map((row) => row[on]) });
    const matches = runLimited(context, pattern);
    for (let i = 0; i < batch.length; i++) if (matches[i]) kept.push(batch[i]!);
  }
  return kept;
}

function runLimited(context: object, pattern: string): boolean[] {
  try {
    return script.runInContext(context, { timeout: batchTimeoutMs }) as boolean[];
  } catch (cause) {
    throw new TrexError(
      'recipe_pattern_slow',
      'config',
      `The pattern \`${pattern}\` takes too long on these rows; it needs one without nested repetition.`,
      { cause },
    );
  }
}
