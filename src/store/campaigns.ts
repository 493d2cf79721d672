import { and, asc, desc, eq, inArray, or } from 'drizzle-orm';
import type { Brief } from '../campaign/brief.ts';
import type { CampaignState } from '../campaign/states.ts';
import { mayMoveCampaign } from '../campaign/states.ts';
import { ConflictError, NotFoundError, TrexError } from '../lib/errors.ts';
import type { DbOrTx } from './db.ts';
import { campaign, formerThread, type StoredSplits } from './schema.ts';

export type CampaignRow = typeof campaign.$inferSelect;
export type NewCampaign = typeof campaign.$inferInsert;

/**
 * A campaign with its brief and its splits. Every campaign has both from the moment its brief is shown, and keeps them
 * after its end; before that, and in one that was cancelled before that, they are null.
 */
export type ActiveCampaign = CampaignRow & { brief: Brief; splits: StoredSplits };

/** @throws TrexError when the campaign has no brief or no splits yet */
export function asActive(row: CampaignRow): ActiveCampaign {
  const { brief, splits } = row;
  if (brief === null || splits === null)
    throw new TrexError(
      'no_brief',
      'ours',
      `The campaign ${row.id} has no ${brief === null ? 'brief' : 'splits'} yet.`,
    );
  return { ...row, brief, splits };
}

export async function insertCampaign(db: DbOrTx, values: NewCampaign): Promise<void> {
  await db.insert(campaign).values({ weightsSettledAt: null, ...values });
}

/** @throws NotFoundError */
export async function getCampaign(db: DbOrTx, id: string): Promise<CampaignRow> {
  const [row] = await db.select().from(campaign).where(eq(campaign.id, id));
  if (row === undefined) throw new NotFoundError(`the campaign ${id}`);
  return row;
}

/** Reads the row and locks it until the transaction ends: writers of one campaign follow each other. */
export async function lockCampaign(tx: DbOrTx, id: string): Promise<CampaignRow> {
  const [row] = await tx.select().from(campaign).where(eq(campaign.id, id)).for('update');
  if (row === undefined) throw new NotFoundError(`the campaign ${id}`);
  return row;
}

/** Also finds the campaign by a former thread. */
export async function findCampaignByThread(
  db: DbOrTx,
  thread: { teamId: string; channel: string; threadTs: string },
): Promise<CampaignRow | undefined> {
  const [row] = await db
    .select()
    .from(campaign)
    .where(
      and(
        eq(campaign.teamId, thread.teamId),
        eq(campaign.channel, thread.channel),
        eq(campaign.threadTs, thread.threadTs),
      ),
    );
  return row ?? findByFormerThread(db, thread);
}

async function findByFormerThread(
  db: DbOrTx,
  thread: { teamId: string; channel: string; threadTs: string },
): Promise<CampaignRow | undefined> {
  const [found] = await db
    .select({ campaign })
    .from(formerThread)
    .innerJoin(campaign, eq(campaign.id, formerThread.campaignId))
    .where(
      and(
        eq(formerThread.teamId, thread.teamId),
        eq(formerThread.channel, thread.channel),
        eq(formerThread.threadTs, thread.threadTs),
      ),
    );
  return found?.campaign;
}

/** Oldest first. */
export async function listCampaignsInStates(db: DbOrTx, states: CampaignState[]): Promise<CampaignRow[]> {
  return db.select().from(campaign).where(inArray(campaign.state, states)).orderBy(asc(campaign.createdAt));
}

/** Campaigns that a pass can advance: active ones, and stopped ones without a report. Oldest first. */
export async function listMovingCampaigns(db: DbOrTx): Promise<Pick<CampaignRow, 'id'>[]> {
  return db
    .select({ id: campaign.id })
    .from(campaign)
    .where(or(inArray(campaign.state, ['searching', 'confirming']), eq(campaign.reportDue, true)))
    .orderBy(asc(campaign.createdAt));
}

/** Newest first, at most `limit`. */
export async function listCampaigns(
  db: DbOrTx,
  where: { teamId?: string; channel?: string; createdBy?: string; states?: readonly CampaignState[] },
  limit: number,
): Promise<CampaignRow[]> {
  const filters = [
    ...(where.teamId === undefined ? [] : [eq(campaign.teamId, where.teamId)]),
    ...(where.channel === undefined ? [] : [eq(campaign.channel, where.channel)]),
    ...(where.createdBy === undefined ? [] : [eq(campaign.createdBy, where.createdBy)]),
    ...(where.states === undefined ? [] : [inArray(campaign.state, [...where.states])]),
  ];
  return db
    .select()
    .from(campaign)
    .where(and(...filters))
    .orderBy(desc(campaign.createdAt))
    .limit(limit);
}

/**
 * Compare-and-set of the state, with other columns that change at the same moment.
 * @throws ConflictError when the campaign is no longer in `from`
 */
export async function moveCampaign(
  db: DbOrTx,
  id: string,
  from: CampaignState,
  to: CampaignState,
  values: Partial<NewCampaign> = {},
): Promise<void> {
  if (!mayMoveCampaign(from, to)) throw new ConflictError(`A campaign that is ${from} cannot become ${to}.`);
  const moved = await db
    .update(campaign)
    .set({ ...values, state: to })
    .where(and(eq(campaign.id, id), eq(campaign.state, from)))
    .returning({ id: campaign.id });
  if (moved.length === 0) throw new ConflictError(`The campaign ${id} is no longer ${from}.`);
}

export async function updateCampaign(db: DbOrTx, id: string, values: Partial<NewCampaign>): Promise<void> {
  await db.update(campaign).set(values).where(eq(campaign.id, id));
}
