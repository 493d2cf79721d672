const quote = 0x22;
const backslash = 0x5c;
const lineFeed = 0x0a;
const opens = (byte: number | undefined): boolean => byte === 0x7b || byte === 0x5b;
const closes = (byte: number | undefined): boolean => byte === 0x7d || byte === 0x5d;

/** A value inside a JSON file: its bytes, and the line on which it begins. */
export interface Span {
  start: number;
  end: number;
  line: number;
}

/** Position after the string that opens at `opening`; the end of the bytes where it does not close. */
function afterString(bytes: Buffer, opening: number): number {
  for (let at = bytes.indexOf(quote, opening + 1); at >= 0; at = bytes.indexOf(quote, at + 1)) {
    let escapes = 0;
    while (bytes[at - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
  return bytes.length;
}

/** `key` is null in a list. `isWhole` false: the file breaks off inside it. */
export type JsonValue = Span & { key: string | null; isWhole: boolean };

const bytesBetweenTicks = 1_000_000;

/**
 * The values inside the list or object that begins at `from.start`, in order. A file of values one after the other is
 * walked with `from` null. Yields null about every MB inside a long value, so that the caller can pause.
 */
export function* valuesIn(bytes: Buffer, from: Span | null): Generator<JsonValue | null> {
  const inner = from === null ? 0 : 1;
  let line = from?.line ?? 1;
  let depth = 0;
  let key: string | null = null;
  let open: { start: number; line: number } | null = null;
  const end = from?.end ?? bytes.length;
  let tick = (from?.start ?? 0) + bytesBetweenTicks;
  const close = (at: number, isWhole: boolean) => {
    const { start, line: began } = open!;
    open = null;
    const value = { start, end: at, line: began, key, isWhole };
    key = null;
    return value;
  };
  for (let at = from?.start ?? 0; at < end; at++) {
    const byte = bytes[at];
    if (at >= tick) {
      tick = at + bytesBetweenTicks;
      yield null;
    }
    if (byte === lineFeed) line += 1;
    else if (byte === quote) {
      const after = afterString(bytes, at);
      line += countLineFeeds(bytes, at, after);
      const isKey = depth === inner && open === null && key === null && followedByColon(bytes, after);
      if (isKey) key = keyOf(bytes, at, after);
      else if (depth === inner && open === null) open = { start: at, line };
      at = after - 1;
    } else if (opens(byte)) {
      if (depth === inner && open === null) open = { start: at, line };
      depth += 1;
    } else if (closes(byte)) {
      depth -= 1;
      if (depth === inner && open !== null) yield close(at + 1, true);
      if (depth < inner) {
        if (open !== null) yield close(at, true);
        return;
      }
    } else if (depth === inner && byte === 0x2c) {
      if (open !== null) yield close(at, true);
    } else if (depth === inner && open === null && byte !== 0x3a && byte! > 0x20) open = { start: at, line };
  }
  if (open !== null) yield close(end, false);
}

function followedByColon(bytes: Buffer, after: number): boolean {
  let at = after;
  while (at < bytes.length && bytes[at]! <= 0x20) at += 1;
  return bytes[at] === 0x3a;
}

function keyOf(bytes: Buffer, start: number, end: number): string {
  try {
    return JSON.parse(bytes.toString('utf8', start, end)) as string;
  } catch {
    return bytes.toString('utf8', start + 1, end - 1);
  }
}

/** Counts line feeds inside strings: valid JSON has none there, damaged files do. */
function countLineFeeds(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(lineFeed, from); at >= 0 && at < to; at = bytes.indexOf(lineFeed, at + 1))
    count += 1;
  return count;
}
