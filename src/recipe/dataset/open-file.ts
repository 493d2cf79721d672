import { isUtf8 } from 'node:buffer';
import type { Pause } from '../pause.ts';
import type { Layout } from './choose-columns.ts';
import { openCsv } from './open-csv.ts';
import { openJson } from './open-json.ts';
import { openParquet } from './open-parquet.ts';
import type { OpenFile } from './opened-file.ts';

/** Decides the format: by content where that is clear, by the ending of the name otherwise. */
export async function openFile(
  name: string,
  bytes: Buffer,
  limits: { maxBytes: number; pause: Pause; columns: Layout | null },
): Promise<OpenFile> {
  if (bytes.toString('latin1', 0, 4) === 'PAR1') return openParquet(name, bytes, limits);
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const start = bytes.toString('utf8', 0, 4096).trimStart();
  const isJson =
    start.startsWith('{') || /^\[\s*(?:\{|\])/.test(start) || /^(?:jsonl|ndjson|json)$/.test(ending);
  const file = isJson ? await openJson(bytes, ending, limits.pause) : openCsv(bytes, limits.columns);
  return { ...file, isBroken: !isUtf8(bytes) };
}
