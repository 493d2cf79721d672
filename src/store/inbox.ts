import { and, asc, eq, gt, inArray, isNull, lt, lte, ne, notExists, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Db, DbOrTx } from './db.ts';
import { type InboxState, inbox } from './schema.ts';

export type InboxRow = typeof inbox.$inferSelect;

export interface InboxEntry {
  key: string;
  /** See the column; anything that is equal for what must not be handled at the same time. */
  thread: string;
  ts: string;
  payload: string;
  at: Date;
  /** Unset: pending. `done` only remembers the key. */
  state?: InboxState;
}

/** Keeps what came, all or nothing, in one statement. @returns the keys that were new */
export async function storeInbox(db: DbOrTx, entries: InboxEntry[]): Promise<Set<string>> {
  const stored = await db
    .insert(inbox)
    .values(
      entries.map(({ key, thread, ts, payload, at, state = 'pending' }) => ({
        key,
        thread,
        ts,
        payload,
        state,
        availableAt: at,
        receivedAt: at,
        doneAt: state === 'done' ? at : null,
      })),
    )
    .onConflictDoNothing({ target: inbox.key })
    .returning({ key: inbox.key });
  return new Set(stored.map((row) => row.key));
}

/**
 * Takes what is due, oldest first, under a new token and a lease. Of a thread only one event at a time, the earliest
 * said; one that has failed steps aside, so that what was said after it (`stop`, for one) does not wait for it.
 */
export async function claimInbox(
  db: Db,
  input: { now: Date; leaseMs: number; limit: number },
): Promise<InboxRow[]> {
  const { now, leaseMs, limit } = input;
  const other = alias(inbox, 'other');
  const due = (tx: DbOrTx) =>
    tx
      .select({ key: inbox.key })
      .from(inbox)
      .where(
        and(
          eq(inbox.state, 'pending'),
          lte(inbox.availableAt, now),
          or(isNull(inbox.leaseUntil), lte(inbox.leaseUntil, now)),
          notExists(
            tx
              .select({ one: sql`1` })
              .from(other)
              .where(
                and(
                  eq(other.thread, inbox.thread),
                  eq(other.state, 'pending'),
                  ne(other.key, inbox.key),
                  or(
                    gt(other.leaseUntil, now),
                    and(
                      eq(other.failures, 0),
                      sql`(${other.ts}, ${other.key}) < (${inbox.ts}, ${inbox.key})`,
                    ),
                  ),
                ),
              ),
          ),
        ),
      )
      .orderBy(asc(inbox.availableAt), asc(inbox.key))
      .limit(limit);
  // Mostly there is nothing, and looking takes no lock.
  if ((await due(db)).length === 0) return [];
  return db.transaction(async (tx) => {
    // One claim at a time: with row locks alone, two workers could each take one event of the same thread.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('trex_inbox'))`);
    const keys = (await due(tx).for('update', { skipLocked: true })).map((row) => row.key);
    if (keys.length === 0) return [];
    const claimed = await tx
      .update(inbox)
      .set({
        attempts: sql`${inbox.attempts} + 1`,
        leaseToken: sql`${inbox.leaseToken} + 1`,
        leaseUntil: new Date(now.getTime() + leaseMs),
      })
      .where(inArray(inbox.key, keys))
      .returning();
    return claimed.sort((a, b) => keys.indexOf(a.key) - keys.indexOf(b.key));
  });
}

/** Prolongs what is still being handled; rows that somebody else has taken over stay theirs. */
export async function renewInbox(
  db: DbOrTx,
  held: Pick<InboxRow, 'key' | 'leaseToken'>[],
  until: Date,
): Promise<void> {
  if (held.length === 0) return;
  await db
    .update(inbox)
    .set({ leaseUntil: until })
    .where(
      or(
        ...held.map((row) =>
          and(eq(inbox.key, row.key), eq(inbox.leaseToken, row.leaseToken), eq(inbox.state, 'pending')),
        ),
      ),
    );
}

/** Frees what a process that is gone was handling; only where no other process can be using the database. */
export async function releaseInbox(db: DbOrTx): Promise<void> {
  await db.update(inbox).set({ leaseUntil: null }).where(eq(inbox.state, 'pending'));
}

/** `retry` counts as a failure and is due again at `at`; `dead` never is. */
export type InboxEnd =
  | { kind: 'done'; at: Date }
  | { kind: 'retry'; at: Date; reason: string }
  | { kind: 'dead'; at: Date; reason: string };

/** Ends an attempt. False when the lease was taken over, and then nothing is changed. */
export async function endInbox(
  db: DbOrTx,
  row: Pick<InboxRow, 'key' | 'leaseToken'>,
  end: InboxEnd,
): Promise<boolean> {
  const failed = { failures: sql`${inbox.failures} + 1` };
  const values =
    end.kind === 'done'
      ? { state: 'done' as const, doneAt: end.at }
      : end.kind === 'retry'
        ? { ...failed, availableAt: end.at, lastError: end.reason }
        : { ...failed, state: 'dead' as const, doneAt: end.at, lastError: end.reason };
  const ended = await db
    .update(inbox)
    .set({ ...values, leaseUntil: null })
    .where(and(eq(inbox.key, row.key), eq(inbox.leaseToken, row.leaseToken), eq(inbox.state, 'pending')))
    .returning({ key: inbox.key });
  return ended.length > 0;
}

/**
 * Has what was said in a thread after `ts` handled again: it came before the message that made it matter, and was
 * passed over. What had an effect already has none the second time.
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

/** Forgets what ended long ago. Slack repeats an event for up to 25 h, so keys must stay longer than that. */
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
