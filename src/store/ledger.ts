import { and, eq, sql } from 'drizzle-orm';
import type { Cost, CostLimit } from '../campaign/brief.ts';
import { addCost, noCost, without } from '../campaign/cost.ts';
import type { DbOrTx } from './db.ts';
import { reservation } from './schema.ts';

export interface LedgerTotals {
  spent: Cost;
  reserved: Cost;
}

/** Money that a campaign has spent, and money reserved for work under way. */
export async function ledgerTotals(db: DbOrTx, campaignId: string): Promise<LedgerTotals> {
  const held = (column: typeof reservation.ceilingSeconds | typeof reservation.ceilingUsd) =>
    sql<number>`coalesce(sum(case when ${reservation.state} = 'held' then ${column} else 0 end), 0)`.mapWith(
      Number,
    );
  const [row] = await db
    .select({
      heldSeconds: held(reservation.ceilingSeconds),
      heldUsd: held(reservation.ceilingUsd),
      spentSeconds: sql<number>`coalesce(sum(${reservation.spentSeconds}), 0)`.mapWith(Number),
      spentUsd: sql<number>`coalesce(sum(${reservation.spentUsd}), 0)`.mapWith(Number),
    })
    .from(reservation)
    .where(eq(reservation.campaignId, campaignId));
  return {
    spent: { computeSeconds: row?.spentSeconds ?? 0, usd: row?.spentUsd ?? 0 },
    reserved: { computeSeconds: row?.heldSeconds ?? 0, usd: row?.heldUsd ?? 0 },
  };
}

/** Limit minus spent and reserved; null stays null (not limited). Never below zero. */
export const budgetLeft = (limit: CostLimit, { spent, reserved }: LedgerTotals): CostLimit =>
  without(limit, addCost(spent, reserved));

/**
 * Reserves money for a job. The campaign row must be locked by this transaction: that keeps reserved + spent at or
 * below the cap when two workers ask at once.
 * @returns false, and reserves nothing, when it would exceed the cap
 */
export async function reserve(
  tx: DbOrTx,
  limit: CostLimit,
  values: {
    key: string;
    campaignId: string;
    trialId: number | null;
    purpose: 'compute' | 'thinking' | 'data';
    ceiling: Cost;
    at: Date;
  },
): Promise<boolean> {
  const { spent, reserved } = await ledgerTotals(tx, values.campaignId);
  // Work that cost more than its reservation can leave a budget overdrawn; then not even a free reservation fits.
  const isOver = (side: 'computeSeconds' | 'usd'): boolean => {
    const cap = limit[side];
    return cap !== null && spent[side] + reserved[side] + values.ceiling[side] > cap + 1e-9;
  };
  if (isOver('computeSeconds') || isOver('usd')) return false;
  await tx.insert(reservation).values({
    key: values.key,
    campaignId: values.campaignId,
    trialId: values.trialId,
    purpose: values.purpose,
    state: 'held',
    ceilingSeconds: values.ceiling.computeSeconds,
    ceilingUsd: values.ceiling.usd,
    heldAt: values.at,
  });
  return true;
}

/** Replaces a reservation with the actual cost; the rest is free again. Counts once. */
export async function settle(tx: DbOrTx, key: string, spent: Cost, at: Date): Promise<boolean> {
  const settled = await tx
    .update(reservation)
    .set({ state: 'settled', spentSeconds: spent.computeSeconds, spentUsd: spent.usd, settledAt: at })
    .where(and(eq(reservation.key, key), eq(reservation.state, 'held')))
    .returning({ key: reservation.key });
  return settled.length > 0;
}

/** Computes the dollars of all compute of a campaign, reserved and spent, once its price is known. */
export async function repriceReservations(tx: DbOrTx, campaignId: string, usdPerHour: number): Promise<void> {
  const usd = (seconds: typeof reservation.spentSeconds | typeof reservation.ceilingSeconds) =>
    sql`${seconds} / 3600 * ${usdPerHour}::double precision`;
  await tx
    .update(reservation)
    .set({ ceilingUsd: usd(reservation.ceilingSeconds), spentUsd: usd(reservation.spentSeconds) })
    .where(and(eq(reservation.campaignId, campaignId), eq(reservation.purpose, 'compute')));
}

/** Cost of each trial so far, by trial id. */
export async function costByTrial(db: DbOrTx, campaignId: string): Promise<Map<number, Cost>> {
  const found = await db
    .select({ trialId: reservation.trialId, seconds: reservation.spentSeconds, usd: reservation.spentUsd })
    .from(reservation)
    .where(eq(reservation.campaignId, campaignId));
  const costs = new Map<number, Cost>();
  for (const row of found) {
    if (row.trialId === null) continue;
    const cost = { computeSeconds: row.seconds, usd: row.usd };
    costs.set(row.trialId, addCost(costs.get(row.trialId) ?? noCost, cost));
  }
  return costs;
}
