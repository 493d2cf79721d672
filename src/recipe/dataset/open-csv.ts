import { type Columns, findColumns, twoColumns } from './columns.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';
import type { Fields, FileRecord } from './record.ts';

/** A CSV file whose separator and columns are known. `columns` null: `found` are the names it has instead. */
export interface OpenCsv {
  columns: Columns | null;
  found: string[];
  /** The first record is a row, not names. */
  isHeaderless: boolean;
  records: () => Generator<FileRecord>;
}

/** What stands before the first record: Excel's separator line, or nothing. */
interface Offset {
  bytes: number;
  lines: number;
}

const separators = [',', ';', '\t'].map((text) => text.charCodeAt(0));
const sampleBytes = 64 * 1024;
const sampleRecords = 50;

/** Decides separator and header from the first 64 kB. */
export function openCsv(bytes: Buffer): OpenCsv {
  const skipped = skipSeparatorLine(bytes);
  const body = bytes.subarray(skipped);
  let best: { separator: number; sample: string[][]; columns: Columns | null; rank: number } | undefined;
  for (const separator of separators) {
    const sample = readSample(body, separator);
    const header = sample[0] ?? [];
    const same =
      sample.filter((fields) => fields.length === header.length).length / Math.max(1, sample.length);
    const columns = header.length > 1 ? findColumns([asFields(header, header)]) : null;
    const rank =
      header.length < 2 ? 0 : same + Math.min(header.length, 20) / 1000 + (columns === null ? 0 : 2);
    if (best === undefined || rank > best.rank) best = { separator, sample, columns, rank };
  }
  const { separator, sample, columns } = best!;
  const header = (sample[0] ?? []).map((name) => name.trim());
  const offset = { bytes: skipped, lines: skipped > 0 ? 1 : 0 };
  if (columns !== null)
    return {
      columns,
      found: header,
      isHeaderless: false,
      records: () => records(body, separator, header, offset, 1),
    };
  if (header.length === 2 && !looksLikeNames(sample))
    return {
      columns: twoColumns(),
      found: header,
      isHeaderless: true,
      records: () => records(body, separator, ['column 1', 'column 2'], offset, 0),
    };
  return {
    columns: null,
    found: header,
    isHeaderless: false,
    records: () => records(body, separator, header, offset, 1),
  };
}

/** Excel writes `sep=;` on a line of its own. */
function skipSeparatorLine(bytes: Buffer): number {
  const match = /^sep=[,;\t]\r?\n/i.exec(bytes.toString('utf8', 0, 8));
  return match?.[0].length ?? 0;
}

function readSample(bytes: Buffer, separator: number): string[][] {
  const sample: string[][] = [];
  const part = bytes.subarray(0, sampleBytes);
  for (const record of csvRecords(part, separator)) {
    const isCut = record.end >= part.length && part.length < bytes.length;
    if (record.fields !== null && !(isCut && sample.length > 0)) sample.push(record.fields);
    if (sample.length >= sampleRecords) break;
  }
  return sample;
}

/** Short names above rows that are not short: a header with names we do not know. */
function looksLikeNames(sample: string[][]): boolean {
  const isName = (text: string): boolean => /^\p{L}[\p{L}\p{N}_-]*(?: [\p{L}\p{N}_-]+)?$/u.test(text.trim());
  const [first, ...rest] = sample;
  if (first === undefined || !first.every(isName)) return false;
  const others = rest.filter((fields) => fields.length === first.length);
  if (others.some((fields) => fields.some((text, i) => text.trim() === first[i]?.trim()))) return false;
  return others.filter((fields) => fields.every(isName)).length < others.length / 2 || others.length === 0;
}

function* records(
  bytes: Buffer,
  separator: number,
  names: string[],
  offset: Offset,
  skip: number,
): Generator<FileRecord> {
  let index = 0;
  for (const record of csvRecords(bytes, separator)) {
    index += 1;
    if (index > skip) yield toFileRecord(record, names, offset);
  }
}

function toFileRecord(record: CsvRecord, names: string[], offset: Offset): FileRecord {
  const { fields } = record;
  const line = record.line + offset.lines;
  const start = record.start + offset.bytes;
  const end = record.end + offset.bytes;
  if (fields === null) return { line, start, end, fields: null, problem: 'quotes that do not match' };
  if (fields.length > names.length && fields.some((text, i) => i >= names.length && text.trim() !== '')) {
    const problem = `${fields.length} fields where ${names.length} belong (put quotes around text with the separator in it)`;
    return { line, start, end, fields: null, problem };
  }
  return { line, start, end, fields: asFields(names, fields), problem: null };
}

/** A name that stands twice keeps its first value. */
function asFields(names: string[], values: string[]): Fields {
  const fields: Fields = {};
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (values[i] !== undefined && !Object.hasOwn(fields, name)) fields[name] = values[i];
  }
  return fields;
}
