import { eq } from 'drizzle-orm';
import type { DatasetReport } from '../recipe/types.ts';
import type { DbOrTx } from './db.ts';
import { dataset } from './schema.ts';

export async function upsertDataset(
  db: DbOrTx,
  values: { sha256: string; report: DatasetReport; rowsBlob: string; createdAt: Date },
): Promise<void> {
  await db.insert(dataset).values(values).onConflictDoNothing();
}

export async function findDataset(
  db: DbOrTx,
  sha256: string,
): Promise<typeof dataset.$inferSelect | undefined> {
  const [row] = await db.select().from(dataset).where(eq(dataset.sha256, sha256));
  return row;
}
