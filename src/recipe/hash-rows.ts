import { createHash } from 'node:crypto';
import type { Row } from './types.ts';

/**
 * SHA-256 (hex) of the prompts, completions, rejected answers and conversations in this order: the identity of training
 * rows. `source` does not count, since training never sees it.
 */
export function rowsHash(rows: readonly Row[]): string {
  const hash = createHash('sha256');
  let pending = '';
  for (const row of rows) {
    const { prompt, completion, rejected, conversation, answerCalls } = row;
    // Plain rows keep the hash that they had before conversations existed.
    const more =
      conversation === undefined && answerCalls === undefined
        ? []
        : [conversation ?? null, answerCalls ?? null];
    const pair = rejected === undefined && more.length === 0 ? [] : [rejected ?? null];
    pending += `${JSON.stringify([prompt, completion, ...pair, ...more])}\n`;
    if (pending.length > 1 << 16) {
      hash.update(pending);
      pending = '';
    }
  }
  return hash.update(pending).digest('hex');
}
