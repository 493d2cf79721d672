import { and, asc, desc, eq, ne, sql } from 'drizzle-orm';
import type { CostLimit } from '../campaign/brief.ts';
import type { DbOrTx } from './db.ts';
import { event } from './schema.ts';

/** Writes an audit row in the transaction of the change. `actor` is a Slack user id, `system` or `cli`. */
export async function recordEvent(
  tx: DbOrTx,
  values: {
    campaignId: string | null;
    name: string;
    actor: string;
    data?: Record<string, unknown>;
    at: Date;
  },
): Promise<void> {
  await tx.insert(event).values({ ...values, data: values.data ?? {} });
}

export async function listEvents(db: DbOrTx, campaignId: string): Promise<(typeof event.$inferSelect)[]> {
  return db.select().from(event).where(eq(event.campaignId, campaignId)).orderBy(asc(event.id));
}

/** What a message or click has already done here: the `data` of its row. */
export async function findEventBySource(
  tx: DbOrTx,
  campaignId: string,
  source: string,
): Promise<Record<string, unknown> | undefined> {
  const [row] = await tx
    .select({ data: event.data })
    .from(event)
    .where(and(eq(event.campaignId, campaignId), sql`${event.data} ->> 'source' = ${source}`));
  return row?.data;
}

/** The last event of this name that a person caused. */
export async function findLastEvent(
  db: DbOrTx,
  campaignId: string,
  name: string,
  actor: string,
): Promise<typeof event.$inferSelect | undefined> {
  const [row] = await db
    .select()
    .from(event)
    .where(and(eq(event.campaignId, campaignId), eq(event.name, name), eq(event.actor, actor)))
    .orderBy(desc(event.id))
    .limit(1);
  return row;
}

/** Yeses to a larger budget since it was last changed, oldest first. */
export async function listRaiseVotes(
  db: DbOrTx,
  campaignId: string,
): Promise<{ user: string; to: CostLimit }[]> {
  const changed = db
    .select({ id: sql`coalesce(max(${event.id}), 0)` })
    .from(event)
    .where(and(eq(event.campaignId, campaignId), eq(event.name, 'budget.changed')));
  const rows = await db
    .select()
    .from(event)
    .where(
      and(eq(event.campaignId, campaignId), eq(event.name, 'budget.voted'), sql`${event.id} > (${changed})`),
    )
    .orderBy(asc(event.id));
  return rows.map(({ actor, data }) => ({ user: actor, to: data.to as CostLimit }));
}

/** Who started the campaign, and the people (not the bot) who asked for this approval; null: for none in particular. */
export async function listAskers(
  db: DbOrTx,
  campaignId: string,
  approvalId: string | null,
): Promise<string[]> {
  const asked = sql`(${event.name} = 'campaign.started' or (${event.name} = 'approval.requested' and ${event.data} ->> 'approval' = ${approvalId}))`;
  const found = await db
    .selectDistinct({ actor: event.actor })
    .from(event)
    .where(and(eq(event.campaignId, campaignId), ne(event.actor, 'system'), asked));
  return found.map((row) => row.actor);
}
