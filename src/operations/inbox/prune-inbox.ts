import { pruneInbox as pruneRows } from '../../store/inbox.ts';
import type { Context } from '../context.ts';

const dayMs = 24 * 3600_000;

/** Forgets what ended a week ago (Slack repeats for 25 h); what failed for good stays a month for whoever asks. */
export async function pruneInbox({ ctx }: { ctx: Pick<Context, 'db' | 'clock'> }): Promise<number> {
  const now = ctx.clock.now().getTime();
  return pruneRows(ctx.db, {
    doneBefore: new Date(now - 7 * dayMs),
    deadBefore: new Date(now - 30 * dayMs),
  });
}
