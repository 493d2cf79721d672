import { eq } from 'drizzle-orm';
import type { DatasetReport } from '../recipe/types.ts';
import type { DbOrTx } from './db.ts';
import { dataset } from './schema.ts';

/** Reading a file again may give other rows than an earlier version read: report and rows are stored together. */
export async function upsertDataset(
  db: DbOrTx,
  values: { sha256: string; report: DatasetReport; rowsBlob: string; createdAt: Date },
): Promise<void> {
  await db
    .insert(dataset)
    .values(values)
    .onConflictDoUpdate({
      target: dataset.sha256,
      set: { report: values.report, rowsBlob: values.rowsBlob },
    });
}

export async function findDataset(
  db: DbOrTx,
  sha256: string,
): Promise<typeof dataset.$inferSelect | undefined> {
  const [row] = await db.select().from(dataset).where(eq(dataset.sha256, sha256));
  return row;
}
