import { pruneInbox as pruneRows } from '../../store/inbox.ts';
import type { Context } from '../context.ts';

const dayMs = 24 * 3600_000;

/** Deletes events that ended a week ago (Slack repeats for 25 h); failed ones are kept for a month, for diagnosis. */
export async function pruneInbox({ ctx }: { ctx: Pick<Context, 'db' | 'clock'> }): Promise<number> {
  const now = ctx.clock.now().getTime();
  return pruneRows(ctx.db, {
    doneBefore: new Date(now - 7 * dayMs),
    deadBefore: new Date(now - 30 * dayMs),
  });
}
