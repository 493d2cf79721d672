import { and, eq, gt, inArray, lt, or, type SQL, sql } from 'drizzle-orm';
import { type Db, type DbOrTx, rows } from './db.ts';
import { type InboxState, inbox } from './schema.ts';

export type InboxRow = typeof inbox.$inferSelect;

export interface InboxEntry {
  key: string;
  /** See the column; equal for events that must not be handled at the same time. */
  thread: string;
  ts: string;
  payload: string;
  at: Date;
  /** Unset: pending. `done` only remembers the key. */
  state?: InboxState;
}

/**
 * Stores all entries or none, in one statement. @returns the keys that were new
 *
 * The rows travel as one parameter: building and binding ten of them a row costs three times the processor time.
 */
export async function storeInbox(db: DbOrTx, entries: InboxEntry[]): Promise<Set<string>> {
  const stored = await rows<{ key: string }>(
    db,
    sql`
      insert into ${inbox} (key, thread, ts, payload, state, available_at, received_at, done_at)
      select key, thread, ts, payload, state, at, at, case when state = 'done' then at end
      from json_to_recordset(${JSON.stringify(entries.map((entry) => ({ state: 'pending', ...entry })))}::json)
        as entry(key text, thread text, ts text, payload text, state text, at timestamptz)
      on conflict (key) do nothing
      returning key
    `,
  );
  return new Set(stored.map((row) => row.key));
}

/** Due events considered for a claim: a thread with more than this many waiting may delay younger threads. */
const lookAhead = 200;

/**
 * Claims due events, oldest first, under a new token and a lease. At most one event per thread, the earliest said; a
 * failed one steps aside, so that a later message (`stop`, for one) does not wait for it.
 */
export async function claimInbox(
  db: Db,
  input: { now: Date; leaseMs: number; limit: number },
): Promise<InboxRow[]> {
  const now = sql.param(input.now, inbox.availableAt);
  const isDue = sql`state = 'pending' and available_at <= ${now}`;
  const isFree = sql`(lease_until is null or lease_until <= ${now})`;
  // Usually nothing is due, and this check takes no lock.
  const any = await rows(db, sql`select 1 from ${inbox} where ${isDue} and ${isFree} limit 1`);
  if (any.length === 0) return [];
  return db.transaction(async (tx) => {
    // One claim at a time: with row locks alone, two workers could each take one event of the same thread.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('trex_inbox'))`);
    // Threads first, from the oldest due events on; then the event of each: a backlog of 10,000 is not sorted.
    const found = await rows<{ key: string }>(
      tx,
      sql`
        with oldest as materialized (
          select thread, available_at from ${inbox}
          where ${isDue} and thread not in (select thread from ${inbox} where lease_until > ${now})
          order by available_at, key limit ${lookAhead}
        ), free as materialized (
          select thread, min(available_at) as since from oldest group by thread order by since, thread
          limit ${input.limit}
        )
        select head.key from free cross join lateral (
          select key from ${inbox} where thread = free.thread and ${isDue}
          order by failures > 0, ts, key limit 1
        ) as head
        order by free.since, free.thread
      `,
    );
    const keys = found.map((row) => row.key);
    if (keys.length === 0) return [];
    const claimed = await tx
      .update(inbox)
      .set({
        attempts: sql`${inbox.attempts} + 1`,
        leaseToken: sql`${inbox.leaseToken} + 1`,
        leaseUntil: new Date(input.now.getTime() + input.leaseMs),
      })
      .where(and(inArray(inbox.key, keys), eq(inbox.state, 'pending')))
      .returning();
    return claimed.sort((a, b) => keys.indexOf(a.key) - keys.indexOf(b.key));
  });
}

/** Prolongs the leases of events still being handled; rows that another worker has taken over stay theirs. */
export async function renewInbox(
  db: DbOrTx,
  held: Pick<InboxRow, 'key' | 'leaseToken'>[],
  until: Date,
): Promise<void> {
  if (held.length === 0) return;
  await db
    .update(inbox)
    .set({ leaseUntil: until })
    .where(or(...held.map(isHeld)));
}

/** Releases the events that a dead process was handling; only where no other process can be using the database. */
export async function releaseInbox(db: DbOrTx): Promise<void> {
  await db.update(inbox).set({ leaseUntil: null }).where(eq(inbox.state, 'pending'));
}

/** Ends handled events. @returns the keys whose lease was still ours; the others are unchanged */
export async function endInboxDone(
  db: DbOrTx,
  held: Pick<InboxRow, 'key' | 'leaseToken'>[],
  at: Date,
): Promise<Set<string>> {
  const ended = await db
    .update(inbox)
    .set({ state: 'done', doneAt: at, leaseUntil: null })
    .where(or(...held.map(isHeld)))
    .returning({ key: inbox.key });
  return new Set(ended.map((row) => row.key));
}

/**
 * Ends a failed attempt: due again at `retryAt`, or dead when that is null. False, without a change, when the lease was
 * taken over.
 */
export async function endInboxFailed(
  db: DbOrTx,
  row: Pick<InboxRow, 'key' | 'leaseToken'>,
  failure: { retryAt: Date | null; reason: string; at: Date },
): Promise<boolean> {
  const { retryAt, reason, at } = failure;
  const ended = await db
    .update(inbox)
    .set({
      failures: sql`${inbox.failures} + 1`,
      lastError: reason,
      leaseUntil: null,
      ...(retryAt === null ? { state: 'dead', doneAt: at } : { availableAt: retryAt }),
    })
    .where(isHeld(row))
    .returning({ key: inbox.key });
  return ended.length > 0;
}

const isHeld = (row: Pick<InboxRow, 'key' | 'leaseToken'>): SQL | undefined =>
  and(eq(inbox.key, row.key), eq(inbox.leaseToken, row.leaseToken), eq(inbox.state, 'pending'));

/**
 * Re-queues messages after `ts` in a thread that arrived before their campaign existed. Safe: handlers are idempotent.
 */
export async function reopenInbox(
  tx: DbOrTx,
  input: { thread: string; afterTs: string; at: Date },
): Promise<void> {
  await tx
    .update(inbox)
    .set({ state: 'pending', attempts: 0, failures: 0, availableAt: input.at, doneAt: null })
    .where(and(eq(inbox.thread, input.thread), gt(inbox.ts, input.afterTs), eq(inbox.state, 'done')));
}

/** Deletes events that ended long ago. Slack repeats an event for up to 25 h, so keys must stay longer than that. */
export async function pruneInbox(
  db: DbOrTx,
  before: { doneBefore: Date; deadBefore: Date },
): Promise<number> {
  const pruned = await db
    .delete(inbox)
    .where(
      or(
        and(eq(inbox.state, 'done'), lt(inbox.doneAt, before.doneBefore)),
        and(eq(inbox.state, 'dead'), lt(inbox.doneAt, before.deadBefore)),
      ),
    )
    .returning({ key: inbox.key });
  return pruned.length;
}

export async function countInbox(db: DbOrTx): Promise<{ pending: number; dead: number }> {
  const found = await db
    .select({ state: inbox.state, n: sql<number>`count(*)`.mapWith(Number) })
    .from(inbox)
    .where(inArray(inbox.state, ['pending', 'dead']))
    .groupBy(inbox.state);
  const n = (state: InboxState): number => found.find((f) => f.state === state)?.n ?? 0;
  return { pending: n('pending'), dead: n('dead') };
}

export async function findInbox(db: DbOrTx, key: string): Promise<InboxRow | undefined> {
  const [row] = await db.select().from(inbox).where(eq(inbox.key, key));
  return row;
}
