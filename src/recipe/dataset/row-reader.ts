import { isUtf8 } from 'node:buffer';
import { cutText } from '../text.ts';
import type { Row } from '../types.ts';
import { type Columns, findColumns } from './columns.ts';
import type { Fields, FileRecord } from './record.ts';
import { refusals } from './refusals.ts';
import { isUsableText } from './usable-text.ts';

/** Records looked at before the columns are chosen. */
const recordsToChoose = 200;

/** Takes records one by one; the first ones wait until the columns are chosen. */
export function createRowReader(name: string, bytes: Buffer, known: Columns | null) {
  // NOTE a replacement character in valid UTF-8 is the person's own; in a file with broken bytes it marks the damage.
  const isBroken = !isUtf8(bytes);
  const rows: Row[] = [];
  const lines: number[] = [];
  const bads: { line: number; reason: string; text: string }[] = [];
  const found = new Set<string>();
  let columns = known;
  let waiting: { record: FileRecord; fields: Fields }[] = [];
  let bad = 0;
  let converted = 0;
  let unreadable = 0;

  const reject = (record: FileRecord, reason: string): void => {
    bad += 1;
    if (bads.length === 3 && record.line > bads[2]!.line) return;
    bads.push({ line: record.line, reason, text: textOf(bytes, record) });
    // Rows that waited for their columns come late, so the first three are chosen by line.
    bads.sort((a, b) => a.line - b.line);
    if (bads.length > 3) bads.length = 3;
  };
  const read = (record: FileRecord, fields: Fields, by: Columns): void => {
    const reading = by.read(fields);
    if (!reading.ok) {
      reject(record, reading.problem);
      return;
    }
    const { prompt, completion, rejected } = reading;
    const both = `${prompt}\n${completion}\n${rejected ?? ''}`;
    if (isBroken && both.includes('\ufffd')) {
      unreadable += 1;
      reject(record, 'not valid UTF-8');
      return;
    }
    if (!isUsableText(both)) {
      reject(record, 'holds a character that is not text');
      return;
    }
    if (reading.converted) converted += 1;
    rows.push({ prompt, completion, ...(rejected === undefined ? {} : { rejected }) });
    lines.push(record.line);
  };
  const choose = (): void => {
    columns = findColumns(waiting.map(({ fields }) => fields));
    if (columns === null) return;
    for (const { record, fields } of waiting) read(record, fields, columns);
    waiting = [];
  };

  return {
    take(record: FileRecord): void {
      const { fields } = record;
      if (fields === null) {
        reject(record, record.problem ?? 'not readable');
        return;
      }
      if (found.size < 50 && rows.length < recordsToChoose)
        for (const key of Object.keys(fields)) found.add(key);
      if (columns !== null) {
        read(record, fields, columns);
        return;
      }
      waiting.push({ record, fields });
      if (waiting.length < recordsToChoose) return;
      choose();
      if (columns === null) throw refusals.noColumns(name, [...found]);
    },
    finish() {
      if (columns === null) choose();
      return { rows, lines, columns, bad, converted, unreadable, found: [...found], badExamples: bads };
    },
  };
}

/** The row as it stands in the file, at most 80 characters, control characters as spaces. */
function textOf(bytes: Buffer, record: FileRecord): string {
  const text = bytes.toString('utf8', record.start, Math.min(record.end, record.start + 400));
  return cutText(text.replace(/[\p{Cc}\s]+/gu, ' ').trim(), 80);
}
