import { asError } from '../../lib/errors.ts';
import { createGroupCommit } from '../../lib/group-commit.ts';
import { claimInbox, endInboxDone, endInboxFailed, type InboxRow, renewInbox } from '../../store/inbox.ts';
import type { Context } from '../context.ts';

/** Events handled at the same time; one that reads a large file or asks a model must not hold up the rest. */
const most = 16;
/** Refill when fewer than this are in flight: one claim for many rows is cheaper than one each. */
const refillAt = 8;
/** A worker that died is noticed after this long. */
const leaseMs = 20_000;
const maxHandleMs = 10 * 60_000;
/** Waits of 1, 2, 4 ... 64 s: about two minutes in all. */
const maxFailures = 8;
/** A worker that dies this often over one event dies because of it. One more attempt then tells the person so. */
const maxCrashes = 8;

/** The number of this attempt, for the message about a failure. */
export interface Delivery {
  failures: number;
  /** No other attempt follows a failure of this one. */
  isLast: boolean;
  /** Crashes over this event, when there were too many: it is not tried again, its author is only told. */
  deadly: number | null;
}

/** Handles an event. May throw: it is called again later, with the same event. */
export type HandleEvent = (payload: string, delivery: Delivery) => Promise<void>;

/** Events in flight in this process; the only state between passes. */
export interface InboxWork {
  running: Map<string, { row: InboxRow; leaseUntil: number; ended: Promise<void> }>;
  /** Ends a row as done, together with others; false when its lease was lost. */
  endDone: (row: InboxRow) => Promise<boolean>;
}

export const createInboxWork = ({ db, clock }: Pick<Context, 'db' | 'clock'>): InboxWork => ({
  running: new Map(),
  endDone: createGroupCommit(most, async (held: InboxRow[]) => {
    const ended = await endInboxDone(db, held, clock.now());
    return held.map((row) => ended.has(row.key));
  }),
});

/**
 * One pass: prolongs the leases of events in flight, and begins due events as far as there is room. Does not wait for
 * any to end; `onEnded` is called after each, when the next event of that thread may begin.
 * @returns the number of events begun
 */
export async function handleInbox({
  ctx,
  work,
  handle,
  onEnded,
}: {
  ctx: Pick<Context, 'db' | 'clock' | 'log'>;
  work: InboxWork;
  handle: HandleEvent;
  onEnded?: () => void;
}): Promise<number> {
  const { db, clock } = ctx;
  const now = clock.now();
  await renewLeases(ctx, work, now);
  if (work.running.size > refillAt) return 0;
  const claimed = await claimInbox(db, { now, leaseMs, limit: most - work.running.size });
  for (const row of claimed) {
    const ended = handleRow(ctx, work, row, handle).finally(() => {
      if (work.running.get(row.key)?.row === row) work.running.delete(row.key);
      onEnded?.();
    });
    work.running.set(row.key, { row, leaseUntil: now.getTime() + leaseMs, ended });
  }
  return claimed.length;
}

/** Resolves when nothing is under way any more. */
export async function settleInbox(work: InboxWork): Promise<void> {
  while (work.running.size > 0) await Promise.all([...work.running.values()].map(({ ended }) => ended));
}

async function renewLeases(ctx: Pick<Context, 'db'>, work: InboxWork, now: Date): Promise<void> {
  const old = [...work.running.values()].filter((one) => one.leaseUntil - now.getTime() < leaseMs / 2);
  if (old.length === 0) return;
  const until = now.getTime() + leaseMs;
  await renewInbox(
    ctx.db,
    old.map((one) => one.row),
    new Date(until),
  );
  for (const one of old) one.leaseUntil = until;
}

async function handleRow(
  ctx: Pick<Context, 'db' | 'clock' | 'log'>,
  work: InboxWork,
  row: InboxRow,
  handle: HandleEvent,
): Promise<void> {
  const { db, clock, log } = ctx;
  const { key, thread } = row;
  const failure = await attempt(ctx, row, handle);
  const isDead = failure !== null && failure.retryAt === null;
  if (isDead) log.error({ key, thread, reason: failure.reason }, 'inbox.event_given_up');
  try {
    const ended =
      failure === null
        ? await work.endDone(row)
        : await endInboxFailed(db, row, { ...failure, at: clock.now() });
    if (!ended) log.warn({ key, thread }, 'inbox.lease_lost');
  } catch (error) {
    // The lease expires and the event is handled again; its effects count once.
    log.error({ err: asError(error), key }, 'inbox.end_failed');
  }
}

/** Null when it is done. */
async function attempt(
  ctx: Pick<Context, 'clock' | 'log'>,
  row: InboxRow,
  handle: HandleEvent,
): Promise<{ retryAt: Date | null; reason: string } | null> {
  const { clock, log } = ctx;
  const crashes = row.attempts - 1 - row.failures;
  const givenUp = { retryAt: null, reason: `the bot died ${crashes} times while it handled this` };
  if (crashes > maxCrashes + 1) return givenUp;
  const deadly = crashes > maxCrashes ? crashes : null;
  const isLast = deadly !== null || row.failures + 1 >= maxFailures;
  const finished = new AbortController();
  try {
    const tooLate = clock.sleep(maxHandleMs, finished.signal).then(() => {
      if (!finished.signal.aborted) throw new Error(`not done after ${maxHandleMs / 1000} s`);
    });
    await Promise.race([handle(row.payload, { failures: row.failures, isLast, deadly }), tooLate]);
    return deadly === null ? null : givenUp;
  } catch (error) {
    const failure = asError(error);
    log.warn({ err: failure, key: row.key, failures: row.failures + 1, isLast }, 'inbox.event_failed');
    return {
      retryAt: isLast ? null : new Date(clock.now().getTime() + 1000 * 2 ** row.failures),
      reason: failure.message.slice(0, 500),
    };
  } finally {
    finished.abort();
  }
}
