import type { Fields, FileRecord } from './record.ts';

const lineFeed = 0x0a;
const quote = 0x22;
const backslash = 0x5c;

/** One record a line; blank lines are passed over. Decodes line by line, so that memory holds one line at a time. */
export function* jsonlRecords(bytes: Buffer): Generator<FileRecord> {
  let line = 0;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found < 0 ? bytes.length : found;
    line += 1;
    if (!isBlank(bytes, start, end)) yield parseRecord(bytes, start, end, line);
    start = end + 1;
  }
}

/** Objects of a JSON array, of the first array inside an object (`{"data": [...]}`), or one after the other. */
export function* jsonRecords(bytes: Buffer): Generator<FileRecord> {
  let line = 1;
  let depth = 0;
  let listDepth = 0;
  let start = 0;
  let startLine = 1;
  const wrapped = isWrappedList(bytes);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === lineFeed) line += 1;
    else if (byte === quote) at = endOfString(bytes, at);
    else if (byte === 0x7b || byte === 0x5b) {
      const isItem = byte === 0x7b && depth === listDepth && !(wrapped && depth === 0);
      if (isItem) {
        start = at;
        startLine = line;
      }
      depth += 1;
      if (byte === 0x5b && depth <= (wrapped ? 2 : 1)) listDepth = depth;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
      if (byte === 0x7d && depth === listDepth && !(wrapped && depth === 0))
        yield parseRecord(bytes, start, at + 1, startLine);
      if (byte === 0x5d && depth < listDepth) return;
    }
  }
  if (depth > 0)
    yield { line: startLine, start, end: bytes.length, fields: null, problem: 'the file ends too early' };
}

/** `{"version": 1, "data": [{`: plain members, then a list of objects. A chat is a row, not a list of rows. */
const wrapper =
  /^\s*\{(?:\s*"(?:[^"\\]|\\.)*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[\w.+-]+)\s*,)*\s*"((?:[^"\\]|\\.)*)"\s*:\s*\[\s*\{/;

function isWrappedList(bytes: Buffer): boolean {
  const key = wrapper.exec(bytes.toString('utf8', 0, 2000))?.[1];
  return key !== undefined && !/^(?:messages|conversations)$/i.test(key.trim());
}

function endOfString(bytes: Buffer, opening: number): number {
  for (let at = opening + 1; at < bytes.length; at++) {
    if (bytes[at] === backslash) at += 1;
    else if (bytes[at] === quote) return at;
  }
  return bytes.length;
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! > 0x20) return false;
  return true;
}

function parseRecord(bytes: Buffer, start: number, end: number, line: number): FileRecord {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8', start, end));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { line, start, end, fields: value as Fields, problem: null };
    return { line, start, end, fields: null, problem: 'not a JSON object' };
  } catch {
    return { line, start, end, fields: null, problem: 'not readable as JSON' };
  }
}
