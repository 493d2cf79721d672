import { asc, eq } from 'drizzle-orm';
import type { StoredEntry } from '../campaign/intake-entry.ts';
import type { DbOrTx } from './db.ts';
import { intakeEntry } from './schema.ts';

/** Adds a message, form or click of a person, once per source. False when it was there already. */
export async function appendIntakeEntry(
  db: DbOrTx,
  values: { campaignId: string; source: string; userId: string; entry: StoredEntry; at: Date },
): Promise<boolean> {
  const inserted = await db
    .insert(intakeEntry)
    .values(values)
    .onConflictDoNothing({ target: [intakeEntry.campaignId, intakeEntry.source] })
    .returning({ id: intakeEntry.id });
  return inserted.length > 0;
}

export type IntakeEntryRow = typeof intakeEntry.$inferSelect;

/**
 * In the order they came, except that messages among themselves are in the order they were said: Slack may deliver
 * one minutes late. Clicks and forms keep their places, because their times are of another clock.
 */
export async function listIntakeEntries(db: DbOrTx, campaignId: string): Promise<IntakeEntryRow[]> {
  const stored = await db
    .select()
    .from(intakeEntry)
    .where(eq(intakeEntry.campaignId, campaignId))
    .orderBy(asc(intakeEntry.id));
  const isMessage = (row: IntakeEntryRow): boolean => row.source.startsWith('message:');
  const said = stored.filter(isMessage).sort((a, b) => (a.source < b.source ? -1 : 1));
  return stored.map((row) => (isMessage(row) ? (said.shift() ?? row) : row));
}

/** Replaces a stored entry with one that holds more: the reading by a model. */
export async function updateIntakeEntry(db: DbOrTx, id: number, entry: StoredEntry): Promise<void> {
  await db.update(intakeEntry).set({ entry }).where(eq(intakeEntry.id, id));
}
