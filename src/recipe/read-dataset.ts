import { sha256 } from '../lib/hash.ts';
import { buildReport } from './dataset/build-report.ts';
import { fold, type Layout } from './dataset/choose-columns.ts';
import { type ReadPart, readPart } from './dataset/read-part.ts';
import { refusals } from './dataset/refusals.ts';
import { splitNamed } from './dataset/split-name.ts';
import { unpack } from './dataset/unpack.ts';
import { type Pause, pauseForEventLoop } from './pause.ts';
import type { DatasetReport, Row } from './types.ts';

export interface DatasetFile {
  /** File name from the person; used only where the content does not decide the format. */
  name: string;
  bytes: Uint8Array;
  /** Files that are larger, or would be once unpacked, are refused. Unset: 100 MB. */
  maxBytes?: number;
  /** Columns that the person asked for, as the report names them: `context + question` are two. Unset: chosen by name. */
  columns?: WantedColumns;
  /** Called after about every MB. Unset: lets the event loop turn. */
  pause?: Pause;
}

/** The columns to use, by their names in the file. */
export interface WantedColumns {
  prompt: string;
  completion: string;
  system?: string;
}

const defaultMaxBytes = 100_000_000;

/**
 * Reads training rows from a person's file: JSONL, JSON lists, CSV, TSV or Parquet, also in gzip or zip. Memory holds the
 * bytes, the rows and one line; of Parquet, a row group. 50 MB of JSONL take 2.3 to 3.5 s of one core. A bad row is
 * counted and left out, never guessed. Where no columns are known by name, the report asks for them and `rows` is empty.
 * @throws BadInputError when the file as a whole cannot be used; the sentence says what would be accepted.
 */
export async function readDataset(file: DatasetFile): Promise<{ report: DatasetReport; rows: Row[] }> {
  const { name, bytes, maxBytes = defaultMaxBytes, pause = pauseForEventLoop } = file;
  if (bytes.length > maxBytes) throw refusals.tooLarge(name, bytes.length, maxBytes);
  const { container, parts: packed, leftOut } = await unpack(name, bytes, maxBytes);
  const parts: ReadPart[] = [];
  for (const part of packed) {
    const columns = file.columns === undefined ? null : layoutOf(file.columns);
    parts.push(await readPart(part, { maxBytes, pause, columns }));
  }
  refuseUnusable(name, parts, file.columns);
  markSplits(parts);
  await pause();
  const hash = sha256(bytes);
  await pause();
  const source = {
    name,
    sha256: hash,
    bytes: bytes.length,
    ...(container === undefined ? {} : { container }),
  };
  return buildReport({ source, parts, leftOut, pause });
}

/** Reads names as people write them: ` + ` joins columns. */
function layoutOf({ prompt, completion, system }: WantedColumns): Layout {
  const prompts = prompt.split(' + ').map((name) => name.trim());
  return { prompts, completion, ...(system === undefined ? {} : { system }) };
}

/** @throws BadInputError */
function refuseUnusable(name: string, parts: readonly ReadPart[], wanted: WantedColumns | undefined): void {
  const sum = (pick: (part: ReadPart) => number): number => parts.reduce((all, part) => all + pick(part), 0);
  const rows = sum((part) => part.rows.length);
  const unreadable = sum((part) => part.unreadable);
  const found = [...new Set(parts.flatMap((part) => part.found.map((column) => column.name)))];
  if (unreadable > rows) throw refusals.notUtf8(name, unreadable);
  if (wanted !== undefined) {
    const { prompts, completion, system } = layoutOf(wanted);
    const missing = [...prompts, completion, ...(system === undefined ? [] : [system])].filter(
      (column) => !found.some((other) => fold(other) === fold(column)),
    );
    if (missing.length > 0 && found.length > 0) throw refusals.notThere(name, missing, found);
  }
  if (rows > 0) return;
  const firstBad = parts.flatMap(({ badExamples }) => badExamples)[0];
  const isUnknown = parts.some(({ layout, records }) => layout === null && records > 0);
  if (isUnknown && found.length >= 2) return;
  if (isUnknown || (parts.every(({ layout }) => layout === null) && found.length > 0))
    throw refusals.noColumns(name, found);
  const [held] = parts.flatMap(({ heldBack }) => [...heldBack]);
  if (held !== undefined) throw refusals.allHeldBack(name, held[1], held[0]);
  throw refusals.noRows(
    name,
    sum(({ bad }) => bad),
    firstBad,
  );
}

/** Keeps files of a zip that are named for evaluation from training, like lists of a file, unless no rows would train. */
function markSplits(parts: readonly ReadPart[]): void {
  if (parts.length > 1)
    for (const part of parts)
      if (splitNamed(part.name) === 'evaluation') for (const row of part.rows) row.split = 'evaluation';
  if (parts.every(({ rows }) => rows.every(({ split }) => split !== undefined)))
    for (const { rows } of parts) for (const row of rows) delete row.split;
}
