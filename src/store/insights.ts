import { asc, eq } from 'drizzle-orm';
import type { Effect } from '../insight/types.ts';
import type { DbOrTx } from './db.ts';
import { insight } from './schema.ts';

export type InsightRow = typeof insight.$inferSelect;

export async function listInsights(db: DbOrTx, campaignId: string): Promise<InsightRow[]> {
  return db.select().from(insight).where(eq(insight.campaignId, campaignId)).orderBy(asc(insight.factor));
}

export async function upsertInsight(
  tx: DbOrTx,
  values: {
    campaignId: string;
    factor: string;
    effect: Effect;
    text: string;
    toldAt: Date | null;
    updatedAt: Date;
  },
): Promise<void> {
  const { effect, text, toldAt, updatedAt } = values;
  await tx
    .insert(insight)
    .values(values)
    .onConflictDoUpdate({
      target: [insight.campaignId, insight.factor],
      set: { effect, text, toldAt, updatedAt },
    });
}
