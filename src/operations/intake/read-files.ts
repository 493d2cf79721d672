import type { IntakeEntry } from '../../campaign/intake-entry.ts';
import { asError, TrexError } from '../../lib/errors.ts';
import { toJsonl } from '../../recipe/jsonl.ts';
import type { WantedColumns } from '../../recipe/read-dataset.ts';
import { upsertDataset } from '../../store/datasets.ts';
import { isDatabaseOutage } from '../../store/db.ts';
import type { IncomingMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { readAsAsked, wantedColumns } from './read-as-asked.ts';

type FileEntry = Extract<IntakeEntry, { kind: 'message' }>['files'][number];

/** Reads attached files. A file that cannot be used becomes a sentence, never an exception. */
export async function readFiles({
  ctx,
  files,
  text = '',
}: {
  ctx: Context;
  files: IncomingMessage['files'];
  /** Text of the message that brings them: it may name columns. */
  text?: string;
}): Promise<FileEntry[]> {
  const columns = wantedColumns(text);
  const read: FileEntry[] = [];
  for (const file of files) read.push(await readOne(ctx, file, columns));
  return read;
}

async function readOne(
  ctx: Context,
  file: IncomingMessage['files'][number],
  columns: WantedColumns | undefined,
): Promise<FileEntry> {
  const refuse = (problem: string): FileEntry => ({ report: null, name: file.name, problem });
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  if (file.bytes > ctx.settings.maxDatasetBytes) {
    return refuse(
      `\`${file.name}\` has ${megabytes(file.bytes)}; I read files up to ${megabytes(ctx.settings.maxDatasetBytes)}. Send a sample of it, please.`,
    );
  }
  try {
    const bytes = await file.download();
    const { report, rows } = await readAsAsked({ name: file.name, bytes }, columns);
    const rowsBlob = await ctx.blobs.put(toJsonl(rows));
    await upsertDataset(ctx.db, { sha256: report.sha256, report, rowsBlob, createdAt: ctx.clock.now() });
    return { report, name: file.name, problem: null };
  } catch (error) {
    if (isDatabaseOutage(error)) throw error;
    if (error instanceof TrexError) return refuse(error.message);
    ctx.log.error({ err: asError(error), file: file.name }, 'file.read_failed');
    return refuse(`I could not fetch \`${file.name}\`. Attach it again, please.`);
  }
}
