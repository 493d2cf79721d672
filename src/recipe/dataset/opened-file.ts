import type { DatasetReport } from '../types.ts';
import type { Layout } from './choose-columns.ts';
import type { FileRecord } from './record.ts';

/** A file of rows, unpacked. */
export interface Part {
  name: string;
  bytes: Uint8Array;
}

/** A file whose format is known. */
export interface OpenFile {
  format: DatasetReport['format'];
  /** Columns that the format itself fixes; unset: to be chosen from the records. */
  layout?: Layout;
  /** Names of columns where they are known before the first record. */
  header?: string[];
  isHeaderless?: boolean;
  /** Names of several lists that the file holds. */
  lists: string[];
  /** Yields null inside a long record, so that the reader can pause. */
  records: () => Iterable<FileRecord | null> | AsyncIterable<FileRecord | null>;
  /** Some bytes are not UTF-8: a replacement character in a text marks the damage, and was not written by the person. */
  isBroken?: boolean;
}
