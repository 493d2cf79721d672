import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Findings } from '../campaign/findings.ts';
import type { DbOrTx } from './db.ts';
import { campaign, research } from './schema.ts';

/** Ids of running campaigns without stored findings, oldest first. */
export async function listUnresearched(db: DbOrTx): Promise<string[]> {
  const found = await db
    .select({ id: campaign.id })
    .from(campaign)
    .leftJoin(research, eq(research.campaignId, campaign.id))
    .where(and(eq(campaign.state, 'searching'), isNull(research.campaignId)))
    .orderBy(asc(campaign.createdAt));
  return found.map(({ id }) => id);
}

/** @returns false when this campaign has findings already; those stay */
export async function insertResearch(
  tx: DbOrTx,
  values: { campaignId: string; findings: Findings; doneAt: Date },
): Promise<boolean> {
  const inserted = await tx
    .insert(research)
    .values(values)
    .onConflictDoNothing()
    .returning({ id: research.campaignId });
  return inserted.length > 0;
}

export async function findResearch(db: DbOrTx, campaignId: string): Promise<Findings | undefined> {
  const [row] = await db
    .select({ findings: research.findings })
    .from(research)
    .where(eq(research.campaignId, campaignId));
  return row?.findings;
}
