import { and, desc, eq, sql } from 'drizzle-orm';
import { noThinking, type ThinkingCall, type ThinkingTotals } from '../campaign/thinking.ts';
import type { DbOrTx } from './db.ts';
import { thinkingCall } from './schema.ts';

/** Stores one call to a language model. `node` is the number of the node that it was for; null before there is one. */
export async function insertThinkingCall(
  db: DbOrTx,
  values: ThinkingCall & { campaignId: string; node: number | null; at: Date },
): Promise<void> {
  await db.insert(thinkingCall).values(values);
}

export async function thinkingTotals(db: DbOrTx, campaignId: string): Promise<ThinkingTotals> {
  const [row] = await db
    .select({
      calls: sql<number>`count(*)`.mapWith(Number),
      inputTokens: sql<number>`coalesce(sum(${thinkingCall.inputTokens}), 0)`.mapWith(Number),
      outputTokens: sql<number>`coalesce(sum(${thinkingCall.outputTokens}), 0)`.mapWith(Number),
      usd: sql<number>`coalesce(sum(${thinkingCall.usd}), 0)`.mapWith(Number),
      unpricedCalls: sql<number>`count(*) filter (where ${thinkingCall.usd} is null)`.mapWith(Number),
    })
    .from(thinkingCall)
    .where(eq(thinkingCall.campaignId, campaignId));
  return row ?? noThinking;
}

/** In order of time: the purpose and outcome of each call. */
export async function listThinkingCalls(
  db: DbOrTx,
  campaignId: string,
): Promise<(typeof thinkingCall.$inferSelect)[]> {
  return db
    .select()
    .from(thinkingCall)
    .where(eq(thinkingCall.campaignId, campaignId))
    .orderBy(thinkingCall.id);
}

/** The last call that a model answered; null when there is none. Separates streaks of failures. */
export async function lastAnsweredCall(db: DbOrTx, campaignId: string): Promise<number | null> {
  const [row] = await db
    .select({ id: thinkingCall.id })
    .from(thinkingCall)
    .where(and(eq(thinkingCall.campaignId, campaignId), eq(thinkingCall.outcome, 'answered')))
    .orderBy(desc(thinkingCall.id))
    .limit(1);
  return row?.id ?? null;
}
