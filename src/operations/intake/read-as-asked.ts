import { sha256 } from '../../lib/hash.ts';
import { findColumns } from '../../lib/parse/columns.ts';
import { type DatasetFile, readDataset, type WantedColumns } from '../../recipe/read-dataset.ts';
import type { DatasetReport, Row } from '../../recipe/types.ts';

/** The columns that a message asks for; undefined where it names none. */
export function wantedColumns(text: string): WantedColumns | undefined {
  const [found] = findColumns(text);
  return found === undefined ? undefined : { prompt: found.prompt, completion: found.completion };
}

/**
 * Reads a file by the columns that were asked for. The same file by other columns is another data set, so its hash
 * holds them too.
 * @throws BadInputError as `readDataset`
 */
export async function readAsAsked(
  file: DatasetFile,
  columns: WantedColumns | undefined,
): Promise<{ report: DatasetReport; rows: Row[] }> {
  if (columns === undefined) return readDataset(file);
  const { report, rows } = await readDataset({ ...file, columns });
  const hash = sha256(JSON.stringify([report.sha256, columns.prompt, columns.completion]));
  return { report: { ...report, sha256: hash }, rows };
}
