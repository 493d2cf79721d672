import { and, asc, count, desc, eq, inArray, isNotNull, sql } from 'drizzle-orm';
import type { Cost } from '../campaign/brief.ts';
import { noCost } from '../campaign/cost.ts';
import type { CampaignState } from '../campaign/states.ts';
import type { Score } from '../scoring/types.ts';
import type { CampaignRow } from './campaigns.ts';
import type { DbOrTx } from './db.ts';
import { approval, campaign, node, reservation } from './schema.ts';

export interface StartedCampaign {
  campaign: CampaignRow;
  /** Score of the best node on search; null without one. */
  bestScore: Score | null;
  spent: Cost;
  /** Approvals that people have not decided. */
  waiting: number;
}

/** Started campaigns, newest start first: one page, and their total number. `states` empty: all. */
export async function listStartedCampaigns(
  db: DbOrTx,
  where: { states: CampaignState[]; teamId?: string; channel?: string },
  page: { limit: number; offset: number },
): Promise<{ rows: StartedCampaign[]; total: number }> {
  const filter = and(
    isNotNull(campaign.startedAt),
    where.states.length === 0 ? undefined : inArray(campaign.state, where.states),
    where.teamId === undefined ? undefined : eq(campaign.teamId, where.teamId),
    where.channel === undefined ? undefined : eq(campaign.channel, where.channel),
  );
  const [[all], found] = await Promise.all([
    db.select({ n: count() }).from(campaign).where(filter),
    db
      .select()
      .from(campaign)
      .where(filter)
      .orderBy(desc(campaign.startedAt), asc(campaign.id))
      .limit(page.limit)
      .offset(page.offset),
  ]);
  const ids = found.map((row) => row.id);
  const [scores, spent, waiting] = await Promise.all([bestScores(db, ids), spends(db, ids), waits(db, ids)]);
  return {
    total: all?.n ?? 0,
    rows: found.map((row) => ({
      campaign: row,
      bestScore: scores.get(row.id) ?? null,
      spent: spent.get(row.id) ?? noCost,
      waiting: waiting.get(row.id) ?? 0,
    })),
  };
}

async function bestScores(db: DbOrTx, ids: string[]): Promise<Map<string, Score>> {
  if (ids.length === 0) return new Map();
  const found = await db
    .selectDistinctOn([node.campaignId], { id: node.campaignId, score: node.score })
    .from(node)
    .where(and(inArray(node.campaignId, ids), isNotNull(node.score)))
    .orderBy(node.campaignId, desc(sql`(${node.score} ->> 'value')::double precision`), asc(node.number));
  return new Map(found.flatMap(({ id, score }) => (score === null ? [] : [[id, score] as const])));
}

async function spends(db: DbOrTx, ids: string[]): Promise<Map<string, Cost>> {
  if (ids.length === 0) return new Map();
  const total = (column: typeof reservation.spentSeconds | typeof reservation.spentUsd) =>
    sql<number>`coalesce(sum(${column}), 0)`.mapWith(Number);
  const found = await db
    .select({
      id: reservation.campaignId,
      computeSeconds: total(reservation.spentSeconds),
      usd: total(reservation.spentUsd),
    })
    .from(reservation)
    .where(inArray(reservation.campaignId, ids))
    .groupBy(reservation.campaignId);
  return new Map(found.map(({ id, ...cost }) => [id, cost]));
}

async function waits(db: DbOrTx, ids: string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const found = await db
    .select({ id: approval.campaignId, n: count() })
    .from(approval)
    .where(and(inArray(approval.campaignId, ids), eq(approval.state, 'pending')))
    .groupBy(approval.campaignId);
  return new Map(found.map(({ id, n }) => [id, n]));
}
