import { clipUnits } from '../../lib/text.ts';
import type { FoundColumn } from '../types.ts';
import type { FileRecord } from './record.ts';

/** Rows whose values are measured; names are taken from all rows. */
const measuredRows = 500;
/** At most this many columns are collected: a file whose keys are data has no end of them. */
const maxColumns = 200;

/** Collects which columns a file has, how long their texts are, and an example of each. */
export function createColumnUse(header: readonly string[]): {
  add(record: FileRecord): void;
  finish(): FoundColumn[];
} {
  const columns = new Map(header.map((name) => [name, { rows: 0, characters: 0, example: '' }]));
  let seen = 0;
  return {
    add(record) {
      seen += 1;
      for (const name in record.fields) {
        const column = columns.get(name);
        if (column === undefined) {
          if (columns.size < maxColumns) columns.set(name, { rows: 0, characters: 0, example: '' });
        } else if (seen > measuredRows && column.rows > 0) continue;
        measure(columns.get(name), record, name);
      }
    },
    finish: () =>
      [...columns].map(([name, { rows, characters, example }]) => ({
        name,
        characters: rows === 0 ? 0 : Math.round(characters / rows),
        example,
      })),
  };
}

function measure(
  column: { rows: number; characters: number; example: string } | undefined,
  record: FileRecord,
  name: string,
): void {
  const value = record.fields?.[name];
  if (column === undefined || value === null || value === undefined) return;
  const text = typeof value === 'string' ? value : record.written(name);
  column.rows += 1;
  column.characters += text.length;
  if (column.example === '' && text.trim() !== '')
    column.example = clipUnits(text.replace(/[\p{Cc}\s]+/gu, ' ').trim(), 80);
}

/** Names of the columns that no role has, the longest texts first. */
export const unusedColumns = (
  found: readonly FoundColumn[],
  isUsed: (name: string) => boolean,
): FoundColumn[] => found.filter(({ name }) => !isUsed(name)).sort((a, b) => b.characters - a.characters);
