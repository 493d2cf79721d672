import type { DatasetReport } from '../types.ts';
import type { Layout } from './choose-columns.ts';
import type { FileRecord } from './record.ts';

/** A file of rows, out of whatever it was packed in. */
export interface Part {
  name: string;
  bytes: Uint8Array;
}

/** A file whose format is known. */
export interface OpenFile {
  format: DatasetReport['format'];
  /** Columns that the format itself settles; unset: to be chosen from the records. */
  layout?: Layout;
  /** Names of columns where they are known before the first record. */
  header?: string[];
  isHeaderless?: boolean;
  /** Names of several lists that the file holds. */
  lists: string[];
  /** Null between records where one takes long: a moment to pause. */
  records: () => Iterable<FileRecord | null> | AsyncIterable<FileRecord | null>;
  /** Bytes of it are no UTF-8: a replacement character in its texts marks the damage, and is not the person's own. */
  isBroken?: boolean;
}
