import type { Pause } from '../pause.ts';
import { isRow } from './choose-columns.ts';
import { type JsonValue, type Span, valuesIn } from './json-layout.ts';
import { type JsonRecord, jsonlRecords, parseRecord } from './json-records.ts';
import type { OpenFile } from './opened-file.ts';
import type { FileRecord } from './record.ts';
import { splitNamed } from './split-name.ts';

const lineFeed = 0x0a;
const comma = 0x2c;

/** Opens a file that begins like JSON: rows line by line, a list, lists inside an object, or objects one after the other. */
export async function openJson(bytes: Buffer, ending: string, pause: Pause): Promise<OpenFile> {
  const first = firstByte(bytes, 0);
  if (bytes[first] === 0x5b) {
    const list = {
      start: first,
      end: bytes.length,
      line: 1 + countLines(bytes, first),
      key: null,
      isWhole: true,
    };
    return { format: 'json', lists: [], records: () => itemRecords(bytes, [list]) };
  }
  if (isLines(bytes, first, ending))
    return { format: 'jsonl', lists: [], records: () => jsonlRecords(bytes) };
  const whole = await onlyValue(bytes, pause);
  const lists = whole === null ? [] : await listsIn(bytes, whole, pause);
  if (lists.length > 0)
    return {
      format: 'json',
      lists: lists.map(({ key }) => key ?? ''),
      records: () => itemRecords(bytes, lists),
    };
  return { format: 'json', lists: [], records: () => sequenceRecords(bytes) };
}

/** True for a whole value on the first line with more below, or a file named like lines that does not open like one value. */
function isLines(bytes: Buffer, first: number, ending: string): boolean {
  const found = bytes.indexOf(lineFeed, first);
  if (found < 0 || firstByte(bytes, found) >= bytes.length) return false;
  const text = bytes.toString('utf8', first, found).trim();
  if (text === '{') return false;
  return ending !== 'json' || parseRecord(text, 1).fields !== null;
}

/** The one value of the file; null when there are more, or it breaks off. */
async function onlyValue(bytes: Buffer, pause: Pause): Promise<Span | null> {
  for (const value of valuesIn(bytes, null)) {
    if (value === null) await pause();
    else return value.isWhole && firstByte(bytes, value.end) >= bytes.length ? value : null;
  }
  return null;
}

/** Lists of objects inside an object that is no row itself. A list of turns makes a row of the object around it. */
async function listsIn(bytes: Buffer, whole: Span, pause: Pause): Promise<JsonValue[]> {
  const lists: JsonValue[] = [];
  const names: string[] = [];
  for (const value of valuesIn(bytes, whole)) {
    if (value === null) {
      await pause();
      continue;
    }
    if (names.length < 1000) names.push(value.key ?? '');
    const holdsObjects = bytes[value.start] === 0x5b && bytes[firstByte(bytes, value.start + 1)] === 0x7b;
    if (holdsObjects) lists.push(value);
  }
  return isRow(names) ? [] : lists;
}

function* itemRecords(bytes: Buffer, lists: readonly JsonValue[]): Generator<FileRecord | null> {
  for (const list of lists) {
    const split = splitNamed(list.key ?? '');
    for (const value of valuesIn(bytes, list)) {
      const record = value === null ? null : recordOf(bytes, value);
      if (record !== null && split === 'evaluation') record.split = split;
      yield record;
    }
  }
}

function* sequenceRecords(bytes: Buffer): Generator<FileRecord | null> {
  for (const value of valuesIn(bytes, null)) yield value === null ? null : recordOf(bytes, value);
}

function recordOf(bytes: Buffer, value: JsonValue): JsonRecord {
  const record = parseRecord(bytes.toString('utf8', value.start, value.end), value.line);
  return value.isWhole ? record : record.broken('the file ends too early');
}

/** Position of the first byte from `from` on that is no space and no comma. */
function firstByte(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at]! <= 0x20 || bytes[at] === comma)) at += 1;
  return at;
}

function countLines(bytes: Buffer, to: number): number {
  let count = 0;
  for (let at = 0; at < to; at++) if (bytes[at] === lineFeed) count += 1;
  return count;
}
