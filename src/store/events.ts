import { asc, eq } from 'drizzle-orm';
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
