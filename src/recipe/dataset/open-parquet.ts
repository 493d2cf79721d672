import type { Compressors, FileMetaData } from 'hyparquet';
import type { Pause } from '../pause.ts';
import type { OpenFile } from './opened-file.ts';
import type { Fields, FileRecord } from './record.ts';
import { refusals } from './refusals.ts';

/** A cell of an honest file takes at least this many bytes; with fewer the file would swell when it is unpacked. */
const minBytesPerCell = 4;

/**
 * Opens a Parquet file. It is read a row group at a time; `maxBytes` limits the bytes of its unpacked pages and of its
 * rows as text, whatever sizes the file claims.
 */
export async function openParquet(
  name: string,
  bytes: Buffer,
  { maxBytes, pause }: { maxBytes: number; pause: Pause },
): Promise<OpenFile> {
  const [{ parquetMetadata, parquetReadObjects }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const damaged = (cause: unknown): Error => refusals.damaged(name, 'a Parquet file', cause);
  let metadata: FileMetaData;
  try {
    metadata = parquetMetadata(buffer);
  } catch (error) {
    throw damaged(error);
  }
  const cells = metadata.row_groups.reduce(
    (sum, group) => sum + Number(group.num_rows) * group.columns.length,
    0,
  );
  if (cells * minBytesPerCell > maxBytes) throw refusals.tooLargeUnpacked(name, maxBytes);
  const limited = limitOutput(compressors, () => refusals.tooLargeUnpacked(name, maxBytes), maxBytes);

  async function* records(): AsyncGenerator<FileRecord> {
    let rowStart = 0;
    let line = 0;
    let characters = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      let rows: Fields[];
      try {
        rows = await parquetReadObjects({
          file: buffer,
          metadata,
          compressors: limited.compressors,
          rowStart,
          rowEnd,
        });
      } catch (error) {
        throw limited.refusal() ?? damaged(error);
      }
      rowStart = rowEnd;
      await pause();
      for (const fields of rows) {
        line += 1;
        const record = recordOf(fields, line);
        characters += record.bytes;
        if (characters > maxBytes) throw refusals.tooLargeUnpacked(name, maxBytes);
        yield record;
      }
    }
  }
  return { format: 'parquet', lists: [], records };
}

/** Decompressors that together give at most `maxBytes`. */
function limitOutput(
  compressors: Compressors,
  refuse: () => Error,
  maxBytes: number,
): { compressors: Compressors; refusal: () => Error | null } {
  let total = 0;
  let refused: Error | null = null;
  const limited = Object.entries(compressors).map(([codec, unpack]) => [
    codec,
    (input: Uint8Array, outputLength: number): Uint8Array => {
      total += outputLength;
      if (total > maxBytes) {
        refused = refuse();
        throw refused;
      }
      return unpack(input, outputLength);
    },
  ]);
  return { compressors: Object.fromEntries(limited) as Compressors, refusal: () => refused };
}

function recordOf(fields: Fields, line: number): FileRecord {
  let bytes = 0;
  for (const value of Object.values(fields)) bytes += typeof value === 'string' ? value.length : 8;
  const written = (name: string): string => toText(fields[name]);
  return { line, bytes, fields, problem: null, excerpt: () => toText(fields).slice(0, 400), written };
}

/** Values of Parquet as JSON writes them; moments as ISO 8601, 64-bit integers digit by digit. */
function toText(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map(toText).join(', ')}]`;
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
    return `{${Object.entries(value)
      .map(([key, member]) => `${JSON.stringify(key)}: ${toText(member)}`)
      .join(', ')}}`;
  return JSON.stringify(value) ?? 'null';
}
