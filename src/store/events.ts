import { and, asc, desc, eq, gt, inArray, isNull, like, ne, or, sql } from 'drizzle-orm';
import type { Cost, CostLimit } from '../campaign/brief.ts';
import { addCost, noCost } from '../campaign/cost.ts';
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

/** The effect that a message or click has had here: the `data` of its row. */
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

/** The latest event about a trouble of the bot itself, by its part: `trouble.told` or `trouble.over`. */
export async function findLastTrouble(
  db: DbOrTx,
  part: string,
): Promise<typeof event.$inferSelect | undefined> {
  const [row] = await db
    .select()
    .from(event)
    .where(
      and(isNull(event.campaignId), like(event.name, 'trouble.%'), sql`${event.data} ->> 'part' = ${part}`),
    )
    .orderBy(desc(event.id))
    .limit(1);
  return row;
}

/** Approvals of a larger budget since it was last changed, oldest first. */
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

/** A commitment that one person decided alone; `lookBackMs` of the approval policy says when it counts. */
export interface Committed {
  commits: Cost;
  /** The person whose approval decided it. */
  decidedBy: string[];
}

/**
 * Commitments by one person alone since then, in Starts and raises: the larger of those of this person anywhere and
 * those in this campaign by anybody. Nobody else can add to them before the transaction ends.
 */
export async function sumDecidedAlone(
  tx: DbOrTx,
  { campaignId, user, since }: { campaignId: string; user: string; since: Date },
): Promise<Cost> {
  // Starts and raises of one person in several campaigns follow each other.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`commits:${user}`}))`);
  const rows = await tx
    .select({ campaignId: event.campaignId, data: event.data })
    .from(event)
    .where(
      and(
        inArray(event.name, ['campaign.started', 'budget.changed']),
        gt(event.at, since),
        sql`jsonb_array_length(coalesce(${event.data} -> 'decidedBy', '[]'::jsonb)) = 1`,
        or(eq(event.campaignId, campaignId), sql`${event.data} -> 'decidedBy' ->> 0 = ${user}`),
      ),
    );
  const sum = (isMeant: (row: { campaignId: string | null; by: string | undefined }) => boolean): Cost =>
    rows.reduce((total, row) => {
      const { commits, decidedBy } = row.data as unknown as Committed;
      return isMeant({ campaignId: row.campaignId, by: decidedBy[0] }) ? addCost(total, commits) : total;
    }, noCost);
  const own = sum(({ by }) => by === user);
  const here = sum((row) => row.campaignId === campaignId);
  return {
    computeSeconds: Math.max(own.computeSeconds, here.computeSeconds),
    usd: Math.max(own.usd, here.usd),
  };
}

/** Who asked for the start of the campaign, and the people (not the bot) who asked for this approval; null: for none in particular. */
export async function listAskers(
  db: DbOrTx,
  campaignId: string,
  approvalId: string | null,
): Promise<string[]> {
  const asked = sql`(${event.name} = 'campaign.started' or (${event.name} = 'approval.requested' and ${event.data} ->> 'approval' = ${approvalId}))`;
  const found = await db
    .select({ actor: event.actor, askedBy: sql<string[] | null>`${event.data} -> 'askedBy'` })
    .from(event)
    .where(and(eq(event.campaignId, campaignId), ne(event.actor, 'system'), asked));
  return [...new Set(found.flatMap((row) => row.askedBy ?? [row.actor]))];
}
