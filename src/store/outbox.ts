import { and, asc, desc, eq, gt, inArray, lt, lte, ne, not, or, type SQL, sql } from 'drizzle-orm';
import type { OutboxPayload } from '../campaign/outbox-payload.ts';
import type { DbOrTx } from './db.ts';
import { messageSlot, outbox } from './schema.ts';

export type OutboxRow = typeof outbox.$inferSelect;

const hasRunOut = sql`${outbox.leaseUntil} <= clock_timestamp()`;
const inMs = (ms: number): SQL =>
  sql`clock_timestamp() + make_interval(secs => ${ms / 1000}::double precision)`;

/**
 * Puts a message into the outbox, in the transaction of the change that it announces. A key counts once. With a slot,
 * older rows of the slot that have not been sent are superseded.
 */
export async function enqueue(
  tx: DbOrTx,
  values: {
    key: string;
    campaignId: string | null;
    channel: string;
    threadTs: string | null;
    slot?: string;
    payload: OutboxPayload;
    at: Date;
  },
): Promise<void> {
  const inserted = await tx
    .insert(outbox)
    .values({
      key: values.key,
      campaignId: values.campaignId,
      channel: values.channel,
      threadTs: values.threadTs,
      slot: values.slot ?? null,
      payload: values.payload,
      state: 'pending',
      availableAt: values.at,
      createdAt: values.at,
    })
    .onConflictDoNothing({ target: outbox.key })
    .returning({ id: outbox.id });
  const id = inserted[0]?.id;
  if (id === undefined || values.slot === undefined) return;
  await tx
    .update(outbox)
    .set({ state: 'superseded' })
    .where(and(eq(outbox.slot, values.slot), eq(outbox.state, 'pending'), sql`${outbox.id} < ${id}`));
}

/** Names the copy of a slot's content in a person's own conversation with the bot. */
export const copySlot = (slot: string, user: string): string => `${slot}:to:${user}`;

/** The copies of a slot, each with the person in whose conversation it is. */
export async function listCopies(db: DbOrTx, slot: string): Promise<{ slot: string; channel: string }[]> {
  const found = await db
    .selectDistinct({ slot: outbox.slot, channel: outbox.channel })
    .from(outbox)
    .where(sql`starts_with(${outbox.slot}, ${copySlot(slot, '')})`);
  return found.flatMap((row) => (row.slot === null ? [] : [{ slot: row.slot, channel: row.channel }]));
}

/** Replies to a thread that the chat no longer knows: some chats would accept them and show them to nobody. */
const isForLostThread = sql`(${outbox.threadTs} is not null and exists (select 1 from campaign c
  where c.id = ${outbox.campaignId} and c.thread_lost_at is not null))`;

/**
 * Claims due rows, oldest first, one per channel, and marks them `sending` with a new token before anything is sent: a
 * crash in the middle leaves evidence, and the next attempt looks the message up before it posts again. A channel with
 * a message being sent waits, so that no message overtakes it. Leases are timed by the database's clock, so that the
 * clocks of instances do not matter.
 */
export async function claimOutbox(
  db: DbOrTx,
  {
    now,
    leaseMs,
    limit,
    busyChannels,
  }: { now: Date; leaseMs: number; limit: number; busyChannels: string[] },
): Promise<OutboxRow[]> {
  const due = await db
    .select({ id: outbox.id, channel: outbox.channel })
    .from(outbox)
    .where(
      and(
        lte(outbox.availableAt, now),
        or(eq(outbox.state, 'pending'), and(eq(outbox.state, 'sending'), hasRunOut)),
        not(isForLostThread),
      ),
    )
    .orderBy(asc(outbox.id))
    .limit(200);
  const inFlight = await db
    .selectDistinct({ channel: outbox.channel })
    .from(outbox)
    .where(and(eq(outbox.state, 'sending'), not(hasRunOut)));
  const blocked = new Set([...busyChannels, ...inFlight.map((row) => row.channel)]);
  const ids: number[] = [];
  for (const row of due) {
    if (blocked.has(row.channel) || ids.length >= limit) continue;
    blocked.add(row.channel);
    ids.push(row.id);
  }
  if (ids.length === 0) return [];
  return db
    .update(outbox)
    .set({
      state: 'sending',
      attempts: sql`${outbox.attempts} + 1`,
      leaseToken: sql`${outbox.leaseToken} + 1`,
      leaseUntil: inMs(leaseMs),
    })
    .where(
      and(
        inArray(outbox.id, ids),
        or(eq(outbox.state, 'pending'), and(eq(outbox.state, 'sending'), hasRunOut)),
      ),
    )
    .returning();
}

/**
 * Prolongs the leases of rows still being sent. @returns their number; rows that another worker has taken over stay
 * theirs
 */
export async function renewOutbox(
  db: DbOrTx,
  held: Pick<OutboxRow, 'id' | 'leaseToken'>[],
  leaseMs: number,
): Promise<number> {
  const ours = held.map((row) => and(eq(outbox.id, row.id), eq(outbox.leaseToken, row.leaseToken)));
  const renewed = await db
    .update(outbox)
    .set({ leaseUntil: inMs(leaseMs) })
    .where(and(eq(outbox.state, 'sending'), or(...ours)))
    .returning({ id: outbox.id });
  return renewed.length;
}

/** Releases the rows that a dead process was sending: the next one looks each of them up, then sends it. */
export async function releaseOutbox(db: DbOrTx): Promise<void> {
  await db
    .update(outbox)
    .set({ leaseToken: sql`${outbox.leaseToken} + 1`, leaseUntil: sql`to_timestamp(0)` })
    .where(eq(outbox.state, 'sending'));
}

/** Whether the slot of a row shows, or showed, something newer. */
export async function hasNewer(db: DbOrTx, row: Pick<OutboxRow, 'id'> & { slot: string }): Promise<boolean> {
  const found = await db
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(eq(outbox.slot, row.slot), gt(outbox.id, row.id)))
    .limit(1);
  return found.length > 0;
}

/** Older rows of a slot that were attempted and never recorded as sent: one of them may have arrived. Newest first. */
export async function listAttempted(
  db: DbOrTx,
  row: Pick<OutboxRow, 'id'> & { slot: string },
): Promise<Pick<OutboxRow, 'key' | 'createdAt'>[]> {
  return db
    .select({ key: outbox.key, createdAt: outbox.createdAt })
    .from(outbox)
    .where(
      and(
        eq(outbox.slot, row.slot),
        lt(outbox.id, row.id),
        ne(outbox.state, 'sent'),
        sql`${outbox.attempts} > 0`,
      ),
    )
    .orderBy(desc(outbox.id))
    .limit(5);
}

/** Stores the intermediate result of an attempt with the row. @returns false when another worker has taken it over */
export async function updateOutboxPayload(
  db: DbOrTx,
  row: Pick<OutboxRow, 'id' | 'leaseToken'>,
  payload: OutboxPayload,
): Promise<boolean> {
  const updated = await db
    .update(outbox)
    .set({ payload })
    .where(and(eq(outbox.id, row.id), eq(outbox.leaseToken, row.leaseToken), eq(outbox.state, 'sending')))
    .returning({ id: outbox.id });
  return updated.length > 0;
}

/** Ends an attempt; a worker whose lease was taken over changes nothing. */
export async function endOutboxAttempt(
  db: DbOrTx,
  row: Pick<OutboxRow, 'id' | 'leaseToken'>,
  values: Partial<typeof outbox.$inferInsert>,
): Promise<boolean> {
  const ended = await db
    .update(outbox)
    .set({ ...values, leaseUntil: null })
    .where(and(eq(outbox.id, row.id), eq(outbox.leaseToken, row.leaseToken), eq(outbox.state, 'sending')))
    .returning({ id: outbox.id });
  return ended.length > 0;
}

export async function countOutbox(db: DbOrTx): Promise<{ pending: number; parked: number }> {
  const found = await db
    .select({ state: outbox.state, n: sql<number>`count(*)`.mapWith(Number) })
    .from(outbox)
    .where(inArray(outbox.state, ['pending', 'sending', 'parked']))
    .groupBy(outbox.state);
  const n = (state: string): number => found.find((f) => f.state === state)?.n ?? 0;
  return { pending: n('pending') + n('sending'), parked: n('parked') };
}

/** The newest text messages of a campaign, for tests and the page. */
export async function listOutbox(db: DbOrTx, campaignId: string): Promise<OutboxRow[]> {
  return db.select().from(outbox).where(eq(outbox.campaignId, campaignId)).orderBy(desc(outbox.id));
}

export async function findSlot(
  db: DbOrTx,
  slot: string,
): Promise<{ channel: string; ts: string } | undefined> {
  const [row] = await db.select().from(messageSlot).where(eq(messageSlot.slot, slot));
  return row;
}

export async function setSlot(
  db: DbOrTx,
  { slot, channel, ts, at }: { slot: string; channel: string; ts: string; at: Date },
): Promise<void> {
  await db
    .insert(messageSlot)
    .values({ slot, channel, ts, updatedAt: at })
    .onConflictDoUpdate({ target: messageSlot.slot, set: { channel, ts, updatedAt: at } });
}
