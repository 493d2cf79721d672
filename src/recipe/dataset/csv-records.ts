/** One CSV record (RFC 4180). `fields` null when a quote is not closed. `line` is that of its first character. */
export interface CsvRecord {
  line: number;
  start: number;
  end: number;
  fields: string[] | null;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
/** The quote of a longer quoted field is taken for an ordinary character. */
const maxFieldBytes = 1_000_000;

/**
 * Reads records one by one: quotes doubled inside quotes, line breaks inside quotes, LF or CRLF.
 * A quote inside an unquoted field is a character; an unclosed one costs its own line only. Blank lines are skipped.
 */
export function* csvRecords(bytes: Buffer, separator: number): Generator<CsvRecord> {
  let at = 0;
  let line = 1;
  while (at < bytes.length) {
    const start = at;
    const startLine = line;
    const fields: string[] = [];
    let closed = true;
    for (;;) {
      let text = '';
      if (bytes[at] === quote) {
        const field = quotedField(bytes, at, separator);
        if (field === null) {
          closed = false;
          break;
        }
        line += countLineFeeds(bytes, at, field.next);
        text = field.text;
        at = field.next;
      }
      const from = at;
      while (at < bytes.length && bytes[at] !== separator && bytes[at] !== lineFeed) at += 1;
      const endsRecord = at >= bytes.length || bytes[at] === lineFeed;
      const to = endsRecord && at > from && bytes[at - 1] === carriageReturn ? at - 1 : at;
      fields.push(to > from ? text + bytes.toString('utf8', from, to) : text);
      at += 1;
      if (endsRecord) break;
    }
    if (!closed) {
      const next = bytes.indexOf(lineFeed, start);
      at = next < 0 ? bytes.length : next + 1;
      yield { line: startLine, start, end: at, fields: null };
      line = startLine + 1;
      continue;
    }
    line += 1;
    if (fields.length > 1 || fields[0]?.trim()) yield { line: startLine, start, end: at - 1, fields };
  }
}

/** Null when the quote is not closed before a separator or line end. */
function quotedField(
  bytes: Buffer,
  opening: number,
  separator: number,
): { text: string; next: number } | null {
  let from = opening + 1;
  let hasDoubled = false;
  for (;;) {
    const closing = bytes.indexOf(quote, from);
    if (closing < 0 || closing - opening > maxFieldBytes) return null;
    if (bytes[closing + 1] === quote) {
      hasDoubled = true;
      from = closing + 2;
      continue;
    }
    let next = closing + 1;
    while (bytes[next] === 0x20) next += 1;
    const after = bytes[next];
    if (after !== undefined && after !== separator && after !== lineFeed && after !== carriageReturn)
      return null;
    const text = bytes.toString('utf8', opening + 1, closing);
    return { text: hasDoubled ? text.replaceAll('""', '"') : text, next };
  }
}

function countLineFeeds(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (bytes[at] === lineFeed) count += 1;
  return count;
}
