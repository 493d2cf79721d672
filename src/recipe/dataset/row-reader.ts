import { clipUnits } from '../../lib/text.ts';
import type { DatasetReport, FoundColumn, Row } from '../types.ts';
import { chooseColumns, type Layout } from './choose-columns.ts';
import { createColumnUse } from './column-use.ts';
import { createRowParser, type Reading } from './read-row.ts';
import type { FileRecord } from './record.ts';
import { isUsableText } from './usable-text.ts';

/** Records read before the columns are chosen. */
const recordsToChoose = 200;

/** The result of reading one file. */
export interface ReadRows {
  rows: Row[];
  /** 1-based line of each row. */
  lines: number[];
  /** Null: the file has no known columns, and `records` counts the readable records. */
  layout: Layout | null;
  records: number;
  bad: number;
  badExamples: DatasetReport['badExamples'];
  /** Rows with something other than text where text belongs. */
  converted: number;
  /** Bad rows that are not UTF-8. */
  unreadable: number;
  /** Counts of rows excluded from training, by the marker column that excludes them. */
  heldBack: Map<string, number>;
  found: FoundColumn[];
  /** Unread keys inside turns, and unread columns called tools that hold none. */
  unusedKeys: Set<string>;
}

/** Takes records one by one; the first ones wait until the columns are chosen. */
export function createRowReader(known: Layout | null, header: readonly string[], isBroken: boolean) {
  const use = createColumnUse(header);
  const result: ReadRows = {
    rows: [],
    lines: [],
    layout: known,
    records: 0,
    bad: 0,
    badExamples: [],
    converted: 0,
    unreadable: 0,
    heldBack: new Map(),
    found: [],
    unusedKeys: new Set(),
  };
  const parserOf = (layout: Layout) => createRowParser(layout, result.unusedKeys);
  let parse: ((record: FileRecord) => Reading) | null = known === null ? null : parserOf(known);
  let waiting: FileRecord[] | null = known === null ? [] : null;

  const reject = (record: FileRecord, reason: string): void => {
    const { badExamples } = result;
    result.bad += 1;
    if (badExamples.length === 3 && record.line > badExamples[2]!.line) return;
    badExamples.push({ line: record.line, reason, text: shown(record) });
    // Rows that waited for their columns come late, so the first three are chosen by line.
    badExamples.sort((a, b) => a.line - b.line);
    if (badExamples.length > 3) badExamples.length = 3;
  };
  const keep = (record: FileRecord, reading: Reading): void => {
    if (!reading.ok) {
      if ('problem' in reading) reject(record, reading.problem);
      else result.heldBack.set(reading.heldBack, (result.heldBack.get(reading.heldBack) ?? 0) + 1);
      return;
    }
    const { prompt, completion, rejected } = reading.row;
    const texts = `${prompt}\n${completion}\n${rejected ?? ''}`;
    if (isBroken && texts.includes('\ufffd')) {
      result.unreadable += 1;
      reject(record, 'not valid UTF-8');
    } else if (!isUsableText(texts)) reject(record, 'holds a character that is not text');
    else {
      if (reading.converted) result.converted += 1;
      result.rows.push(reading.row);
      result.lines.push(record.line);
    }
  };
  const choose = (): void => {
    const records = waiting ?? [];
    waiting = null;
    result.layout = chooseColumns(records.map(({ fields }) => fields ?? {}));
    if (result.layout === null) return;
    parse = parserOf(result.layout);
    for (const record of records) keep(record, parse(record));
  };

  return {
    take(record: FileRecord): void {
      if (record.fields === null) {
        reject(record, record.problem ?? 'not readable');
        return;
      }
      use.add(record);
      result.records += 1;
      if (parse !== null) keep(record, parse(record));
      else if (waiting !== null && waiting.push(record) >= recordsToChoose) choose();
    },
    finish(): ReadRows {
      if (waiting !== null) choose();
      return { ...result, found: use.finish() };
    },
  };
}

/** The row as in the file, at most 80 characters, control characters as spaces. */
const shown = (record: FileRecord): string =>
  clipUnits(
    record
      .excerpt()
      .replace(/[\p{Cc}\s]+/gu, ' ')
      .trim(),
    80,
  );
