import { TrexError } from '../lib/errors.ts';
import type { Row } from './types.ts';

/** A line of our own files: a row, or an evaluation item with its id. */
type Example = Pick<Row, 'prompt' | 'completion'>;

/** One row a line, a line feed after each; prompt and completion first, other keys sorted: equal rows, equal text. */
export function toJsonl(rows: readonly object[]): string {
  let text = '';
  for (const row of rows) {
    const { prompt, completion, ...others } = row as Example;
    const rest = Object.fromEntries(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1)));
    text += `${JSON.stringify({ prompt, completion, ...rest })}\n`;
  }
  return text;
}

/**
 * Reads text that `toJsonl` wrote, extra keys included. Files of people are read by `readDataset`.
 * @throws TrexError `rows_unreadable` (fault ours) with the 1-based line.
 */
export function fromJsonl<T extends Example = Row>(text: string): T[] {
  const rows: T[] = [];
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    line += 1;
    if (end > start) rows.push(parseRow(text.slice(start, end), line) as T);
    start = end + 1;
  }
  return rows;
}

function parseRow(text: string, line: number): Example {
  let row: unknown;
  let cause: unknown;
  try {
    row = JSON.parse(text);
  } catch (error) {
    cause = error;
  }
  if (isExample(row)) return row;
  const message = `Line ${line} of a stored file of rows is not a row.`;
  throw new TrexError('rows_unreadable', 'ours', message, cause === undefined ? {} : { cause });
}

const isExample = (value: unknown): value is Example =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Row>).prompt === 'string' &&
  typeof (value as Partial<Row>).completion === 'string';
