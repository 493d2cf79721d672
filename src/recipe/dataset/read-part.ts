import type { Pause } from '../pause.ts';
import type { Layout } from './choose-columns.ts';
import { binaryKind, toUtf8 } from './file-kind.ts';
import { openFile } from './open-file.ts';
import type { OpenFile, Part } from './opened-file.ts';
import type { FileRecord } from './record.ts';
import { refusals } from './refusals.ts';
import { createRowReader, type ReadRows } from './row-reader.ts';

const bytesBetweenPauses = 1_000_000;

/** The rows of a file, and its name. */
export interface ReadPart extends ReadRows {
  name: string;
  format: OpenFile['format'];
  lists: string[];
  isHeaderless: boolean;
}

/**
 * Reads one file that is not packed. Bad rows and unknown columns are part of the result.
 * @throws BadInputError when the file holds no text, or is empty
 */
export async function readPart(
  { name, bytes: raw }: Part,
  settings: { maxBytes: number; pause: Pause; columns: Layout | null },
): Promise<ReadPart> {
  const { pause, columns } = settings;
  const bytes = toUtf8(raw);
  const kind = bytes.toString('latin1', 0, 4) === 'PAR1' ? null : binaryKind(bytes);
  if (kind !== null) throw refusals.binary(name, kind);
  if (bytes.toString('utf8', 0, 4096).trim() === '' && bytes.every((byte) => byte <= 0x20))
    throw refusals.empty(name);
  const file = await openFile(name, bytes, settings);
  const { header = [], isHeaderless = false, isBroken = false } = file;
  const reader = createRowReader(columns ?? file.layout ?? null, header, isBroken);
  let since = 0;
  const take = (record: FileRecord | null): boolean => {
    if (record !== null) reader.take(record);
    since += record?.bytes ?? bytesBetweenPauses;
    if (since < bytesBetweenPauses) return false;
    since = 0;
    return true;
  };
  const records = file.records();
  // A loop of its own: `for await` would wait once for every record of a synchronous iterator, too.
  if (Symbol.iterator in records) {
    for (const record of records) if (take(record)) await pause();
  } else {
    for await (const record of records) if (take(record)) await pause();
  }
  return { ...reader.finish(), name, format: file.format, lists: file.lists, isHeaderless };
}
