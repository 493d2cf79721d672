import { chooseColumns, fold, type Layout } from './choose-columns.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';
import type { OpenFile } from './opened-file.ts';
import type { Fields, FileRecord } from './record.ts';

/** Lines before the first record: Excel's separator line, or none. */
interface Offset {
  lines: number;
}

const tab = 0x09;
const separators = [',', ';', '\t'].map((text) => text.charCodeAt(0));
const sampleBytes = 64 * 1024;
const sampleRecords = 50;

/** Decides separator and header from the first 64 kB. `wanted` are columns that a person named. */
export function openCsv(bytes: Buffer, wanted: Layout | null): OpenFile {
  const skipped = skipSeparatorLine(bytes);
  const body = bytes.subarray(skipped);
  let best: { separator: number; sample: string[][]; layout: Layout | null; rank: number } | undefined;
  for (const separator of separators) {
    const sample = readSample(body, separator);
    const header = sample[0] ?? [];
    const same =
      sample.filter((fields) => fields.length === header.length).length / Math.max(1, sample.length);
    const layout = header.length > 1 ? layoutOf(header, wanted) : null;
    const rank =
      header.length < 2 ? 0 : same + Math.min(header.length, 20) / 1000 + (layout === null ? 0 : 2);
    if (best === undefined || rank > best.rank) best = { separator, sample, layout, rank };
  }
  const { separator, sample, layout } = best!;
  const header = (sample[0] ?? []).map((name) => name.trim());
  const offset = { lines: skipped > 0 ? 1 : 0 };
  const open: Pick<OpenFile, 'format' | 'lists' | 'header'> = {
    format: separator === tab ? 'tsv' : 'csv',
    lists: [],
    header,
  };
  if (layout === null && header.length === 2 && !looksLikeNames(sample)) {
    const names = ['column 1', 'column 2'];
    return {
      ...open,
      header: names,
      layout: { prompts: [names[0]!], completion: names[1]! },
      isHeaderless: true,
      records: () => records({ bytes: body, separator, skip: 0 }, names, offset),
    };
  }
  return {
    ...open,
    ...(layout === null ? {} : { layout }),
    records: () => records({ bytes: body, separator, skip: 1 }, header, offset),
  };
}

function layoutOf(header: string[], wanted: Layout | null): Layout | null {
  if (wanted === null) return chooseColumns([asFields(header, header)]);
  const names = new Set(header.map(fold));
  return [...wanted.prompts, wanted.completion].every((name) => names.has(fold(name))) ? wanted : null;
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
  { bytes, separator, skip }: { bytes: Buffer; separator: number; skip: number },
  names: string[],
  offset: Offset,
): Generator<FileRecord> {
  let index = 0;
  for (const record of csvRecords(bytes, separator)) {
    index += 1;
    if (index > skip) yield toFileRecord(bytes, record, names, offset);
  }
}

function toFileRecord(bytes: Buffer, record: CsvRecord, names: string[], offset: Offset): FileRecord {
  const { fields, start, end } = record;
  const isLong = fields?.some((text, i) => i >= names.length && text.trim() !== '') ?? false;
  const tooMany = `${fields?.length} fields where ${names.length} belong (put quotes around text with the separator in it)`;
  const problem = fields === null ? 'quotes that do not match' : isLong ? tooMany : null;
  return {
    line: record.line + offset.lines,
    bytes: end - start + 1,
    fields: fields === null || problem !== null ? null : asFields(names, fields),
    problem,
    excerpt: () => bytes.toString('utf8', start, Math.min(end, start + 400)),
    written: () => '',
  };
}

/** A name that occurs twice keeps its first value. */
function asFields(names: string[], values: string[]): Fields {
  const fields: Fields = {};
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (values[i] !== undefined && !Object.hasOwn(fields, name)) fields[name] = values[i];
  }
  return fields;
}
