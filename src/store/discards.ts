import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { DbOrTx } from './db.ts';
import { campaign, discard } from './schema.ts';

export type DiscardRow = typeof discard.$inferSelect;

/** Decided once: an earlier decision is not changed. @returns the rows that are new */
export async function insertDiscards(
  tx: DbOrTx,
  rows: Pick<DiscardRow, 'jobKey' | 'what' | 'campaignId' | 'decidedAt'>[],
): Promise<DiscardRow[]> {
  if (rows.length === 0) return [];
  return tx.insert(discard).values(rows).onConflictDoNothing().returning();
}

export async function listDiscards(db: DbOrTx, campaignId: string): Promise<DiscardRow[]> {
  return db.select().from(discard).where(eq(discard.campaignId, campaignId)).orderBy(asc(discard.decidedAt));
}

/** Decided files that the cluster has not removed yet, oldest first. */
export async function listOpenDiscards(db: DbOrTx, limit: number): Promise<DiscardRow[]> {
  return db
    .select()
    .from(discard)
    .where(isNull(discard.doneAt))
    .orderBy(asc(discard.decidedAt), asc(discard.jobKey))
    .limit(limit);
}

export async function endDiscard(
  db: DbOrTx,
  { jobKey, what }: Pick<DiscardRow, 'jobKey' | 'what'>,
  done: { bytes: number; at: Date },
): Promise<void> {
  await db
    .update(discard)
    .set({ doneAt: done.at, bytes: done.bytes })
    .where(and(eq(discard.jobKey, jobKey), eq(discard.what, what), isNull(discard.doneAt)));
}

/** Started campaigns whose weights may still be decided about, oldest first. */
export async function listUnsettledCampaigns(db: DbOrTx): Promise<string[]> {
  const found = await db
    .select({ id: campaign.id })
    .from(campaign)
    .where(and(isNull(campaign.weightsSettledAt), sql`${campaign.startedAt} is not null`))
    .orderBy(asc(campaign.createdAt));
  return found.map(({ id }) => id);
}
