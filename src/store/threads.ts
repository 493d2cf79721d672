import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, or, sql } from 'drizzle-orm';
import type { CampaignRow } from './campaigns.ts';
import type { DbOrTx } from './db.ts';
import type { OutboxRow } from './outbox.ts';
import { campaign, formerThread, messageSlot, outbox } from './schema.ts';

/**
 * Campaigns whose thread people need: all active ones, and the newest `limit` of those that ended after a given moment,
 * which can be shipped or continued.
 */
export async function listReachable(db: DbOrTx, since: Date, limit: number): Promise<CampaignRow[]> {
  const going = await db
    .select()
    .from(campaign)
    .where(inArray(campaign.state, ['intake', 'ready', 'searching', 'confirming']))
    .orderBy(asc(campaign.createdAt));
  const ended = await db
    .select()
    .from(campaign)
    .where(and(isNotNull(campaign.startedAt), gt(campaign.finishedAt, since)))
    .orderBy(desc(campaign.finishedAt))
    .limit(limit);
  return [...ended.reverse(), ...going];
}

/** Compare-and-set. @returns false when the thread was known to be lost */
export async function loseThread(
  tx: DbOrTx,
  { id, channel, threadTs }: CampaignRow,
  at: Date,
): Promise<boolean> {
  const lost = await tx
    .update(campaign)
    .set({ threadLostAt: at })
    .where(
      and(
        eq(campaign.id, id),
        eq(campaign.channel, channel),
        eq(campaign.threadTs, threadTs),
        isNull(campaign.threadLostAt),
      ),
    )
    .returning({ id: campaign.id });
  return lost.length > 0;
}

/**
 * Gives a campaign another thread. The old one still leads to it; undelivered messages move to the new one, which is
 * empty so far.
 */
export async function changeThread(
  tx: DbOrTx,
  from: CampaignRow,
  to: { channel: string; threadTs: string; at: Date },
): Promise<void> {
  const { id, teamId, channel, threadTs } = from;
  await tx
    .insert(formerThread)
    .values({ teamId, channel, threadTs, campaignId: id, leftAt: to.at })
    .onConflictDoNothing();
  await tx
    .update(campaign)
    .set({ channel: to.channel, threadTs: to.threadTs, threadLostAt: null })
    .where(eq(campaign.id, id));
  const inThread = and(eq(outbox.campaignId, id), eq(outbox.channel, channel), eq(outbox.threadTs, threadTs));
  const shown = tx
    .select({ slot: outbox.slot })
    .from(outbox)
    .where(and(inThread, isNotNull(outbox.slot)));
  await tx.delete(messageSlot).where(sql`${messageSlot.slot} in (${shown})`);
  await tx
    .update(outbox)
    .set({ channel: to.channel, threadTs: to.threadTs })
    .where(and(inThread, or(eq(outbox.state, 'pending'), eq(outbox.state, 'sending'))));
}

/** The payload that each slot of a thread was last set to show, in the order in which the slots were created. */
export async function listShown(
  db: DbOrTx,
  { id, channel, threadTs }: CampaignRow,
): Promise<Pick<OutboxRow, 'slot' | 'payload' | 'state'>[]> {
  const newest = db
    .selectDistinctOn([outbox.slot], {
      slot: outbox.slot,
      payload: outbox.payload,
      state: outbox.state,
      first: sql<number>`min(${outbox.id}) over (partition by ${outbox.slot})`.as('first'),
    })
    .from(outbox)
    .where(
      and(
        eq(outbox.campaignId, id),
        eq(outbox.channel, channel),
        eq(outbox.threadTs, threadTs),
        isNotNull(outbox.slot),
      ),
    )
    .orderBy(outbox.slot, desc(outbox.id))
    .as('newest');
  return db
    .select({ slot: newest.slot, payload: newest.payload, state: newest.state })
    .from(newest)
    .orderBy(newest.first);
}
