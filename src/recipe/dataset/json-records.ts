import { memberTexts } from './raw-json.ts';
import type { Fields, FileRecord } from './record.ts';

const lineFeed = 0x0a;

/** One record a line; blank lines are passed over. Decodes line by line, so that memory holds one line at a time. */
export function* jsonlRecords(bytes: Buffer): Generator<FileRecord> {
  let line = 0;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found < 0 ? bytes.length : found;
    line += 1;
    if (!isBlank(bytes, start, end)) yield parseRecord(bytes.toString('utf8', start, end), line);
    start = end + 1;
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! > 0x20) return false;
  return true;
}

/** A comma after an object is ignored: lists are written like this, a row a line. */
const lastComma = /,\s*$/;

/** A record out of the text of one JSON object. */
export function parseRecord(written: string, line: number): JsonRecord {
  const text = lastComma.test(written.slice(-8)) ? written.replace(lastComma, '') : written;
  const value = parse(text);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const problem = isObject ? null : value === undefined ? 'not readable as JSON' : 'not a JSON object';
  return new JsonRecord(line, text, isObject ? (value as Fields) : null, problem);
}

export class JsonRecord implements FileRecord {
  readonly line: number;
  readonly fields: Fields | null;
  readonly problem: string | null;
  split?: 'evaluation';
  private readonly json: string;
  private members: Map<string, string> | null = null;

  constructor(line: number, json: string, fields: Fields | null, problem: string | null) {
    this.line = line;
    this.json = json;
    this.fields = fields;
    this.problem = problem;
  }

  get bytes(): number {
    return this.json.length + 1;
  }

  /** The same text as a record that cannot be used. */
  broken(problem: string): JsonRecord {
    return new JsonRecord(this.line, this.json, null, problem);
  }

  excerpt(): string {
    return this.json.slice(0, 400);
  }

  written(name: string): string {
    this.members ??= memberTexts(this.json);
    return this.members.get(name) ?? '';
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
