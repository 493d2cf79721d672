import type { DatasetReport } from '../types.ts';
import type { Columns } from './columns.ts';
import { jsonlRecords, jsonRecords } from './json-records.ts';
import { openCsv } from './open-csv.ts';
import type { FileRecord } from './record.ts';

/** A file whose format is known. */
export interface OpenFile {
  format: DatasetReport['format'];
  /** Null: to be chosen from the records. */
  columns: Columns | null;
  found: string[];
  isHeaderless: boolean;
  records: () => Generator<FileRecord>;
}

/** Decides the format: by content where that is clear, by the ending of the name otherwise. */
export function openFile(name: string, bytes: Buffer): OpenFile {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const start = bytes.toString('utf8', 0, 4096).trimStart();
  const json = { columns: null, found: [], isHeaderless: false };
  const asLines: OpenFile = { ...json, format: 'jsonl', records: () => jsonlRecords(bytes) };
  const asList: OpenFile = { ...json, format: 'json', records: () => jsonRecords(bytes) };
  if (/^\[\s*(?:\{|\])/.test(start) || /^\{\s*\n/.test(start)) return asList;
  const firstLine = start.split('\n', 1)[0] ?? '';
  if (start.startsWith('{')) return ending === 'json' && !isJson(firstLine) ? asList : asLines;
  if (ending === 'jsonl' || ending === 'ndjson' || ending === 'json') return asLines;
  return { format: 'csv', ...openCsv(bytes) };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
