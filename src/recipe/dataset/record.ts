/** Named values of one row, as they stand in the file. */
export type Fields = Record<string, unknown>;

/** One row of a file before its columns are known. Bytes `start` to `end` are its text; `line` is 1-based. */
export interface FileRecord {
  line: number;
  start: number;
  end: number;
  /** Null when the row could not be read; `problem` says why. */
  fields: Fields | null;
  problem: string | null;
}
