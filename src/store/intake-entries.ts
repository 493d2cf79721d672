import { asc, eq } from 'drizzle-orm';
import type { DbOrTx } from './db.ts';
import { intakeEntry } from './schema.ts';

/** Adds what a person said or pressed, once per source. False when it was there already. */
export async function appendIntakeEntry(
  db: DbOrTx,
  values: { campaignId: string; source: string; userId: string; entry: unknown; at: Date },
): Promise<boolean> {
  const inserted = await db
    .insert(intakeEntry)
    .values(values)
    .onConflictDoNothing({ target: [intakeEntry.campaignId, intakeEntry.source] })
    .returning({ id: intakeEntry.id });
  return inserted.length > 0;
}

/** In the order they came. */
export async function listIntakeEntries(
  db: DbOrTx,
  campaignId: string,
): Promise<(typeof intakeEntry.$inferSelect)[]> {
  return db
    .select()
    .from(intakeEntry)
    .where(eq(intakeEntry.campaignId, campaignId))
    .orderBy(asc(intakeEntry.id));
}
