import { createHash } from 'node:crypto';
import type { Row } from './types.ts';

/**
 * SHA-256 (hex) of the prompts, completions and rejected answers in this order: the identity of what a model is trained on.
 * `source` does not count, since training never sees it.
 */
export function rowsHash(rows: readonly Row[]): string {
  const hash = createHash('sha256');
  let pending = '';
  for (const row of rows) {
    const { prompt, completion, rejected } = row;
    pending += `${JSON.stringify(rejected === undefined ? [prompt, completion] : [prompt, completion, rejected])}\n`;
    if (pending.length > 1 << 16) {
      hash.update(pending);
      pending = '';
    }
  }
  return hash.update(pending).digest('hex');
}
