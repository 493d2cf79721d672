import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { TrialState } from '../campaign/states.ts';
import { existing, NotFoundError } from '../lib/errors.ts';
import type { ItemResult, Score, SplitName } from '../scoring/types.ts';
import type { DbOrTx } from './db.ts';
import { metric, splitResult, trial } from './schema.ts';

export type TrialRow = typeof trial.$inferSelect;
export type NewTrial = typeof trial.$inferInsert;

export async function insertTrials(tx: DbOrTx, values: NewTrial[]): Promise<TrialRow[]> {
  return values.length === 0 ? [] : tx.insert(trial).values(values).returning();
}

export async function insertTrial(tx: DbOrTx, values: NewTrial): Promise<TrialRow> {
  const [row] = await insertTrials(tx, [values]);
  return existing(row, 'The trial that was inserted');
}

export async function listTrials(db: DbOrTx, campaignId: string): Promise<TrialRow[]> {
  return db
    .select()
    .from(trial)
    .where(eq(trial.campaignId, campaignId))
    .orderBy(asc(trial.nodeId), asc(trial.index));
}

export async function listTrialsOfNode(db: DbOrTx, nodeId: number): Promise<TrialRow[]> {
  return db.select().from(trial).where(eq(trial.nodeId, nodeId)).orderBy(asc(trial.index));
}

/** @throws NotFoundError */
export async function getTrial(db: DbOrTx, id: number): Promise<TrialRow> {
  const [row] = await db.select().from(trial).where(eq(trial.id, id));
  if (row === undefined) throw new NotFoundError(`trial ${id}`);
  return row;
}

export async function updateTrial(db: DbOrTx, id: number, values: Partial<NewTrial>): Promise<void> {
  await db.update(trial).set(values).where(eq(trial.id, id));
}

/** Computes the dollars of all trials of a campaign once its price is known. */
export async function repriceTrials(tx: DbOrTx, campaignId: string, usdPerHour: number): Promise<void> {
  const usd = (seconds: typeof trial.expectedSeconds | typeof trial.ceilingSeconds) =>
    sql`${seconds} / 3600 * ${usdPerHour}::double precision`;
  await tx
    .update(trial)
    .set({ expectedUsd: usd(trial.expectedSeconds), ceilingUsd: usd(trial.ceilingSeconds) })
    .where(eq(trial.campaignId, campaignId));
}

/** Compare-and-set from any of `from`. @returns false when it was in none of them */
export async function moveTrial(
  db: DbOrTx,
  id: number,
  from: readonly TrialState[],
  to: TrialState,
  values: Partial<NewTrial> = {},
): Promise<boolean> {
  const moved = await db
    .update(trial)
    .set({ ...values, state: to })
    .where(and(eq(trial.id, id), inArray(trial.state, from)))
    .returning({ id: trial.id });
  return moved.length > 0;
}

export async function insertSplitResult(
  tx: DbOrTx,
  values: { trialId: number; split: SplitName; score: Score; items: ItemResult[] },
): Promise<void> {
  await tx.insert(splitResult).values(values).onConflictDoNothing();
}

export async function findSplitResult(
  db: DbOrTx,
  trialId: number,
  split: SplitName,
): Promise<{ score: Score; items: ItemResult[] } | undefined> {
  const [row] = await db
    .select()
    .from(splitResult)
    .where(and(eq(splitResult.trialId, trialId), eq(splitResult.split, split)));
  return row;
}

/** Scores alone, without the items: cheap for whole trees. */
export async function listSplitScores(
  db: DbOrTx,
  campaignId: string,
): Promise<{ trialId: number; split: SplitName; score: Score }[]> {
  return db
    .select({ trialId: splitResult.trialId, split: splitResult.split, score: splitResult.score })
    .from(splitResult)
    .innerJoin(trial, eq(trial.id, splitResult.trialId))
    .where(eq(trial.campaignId, campaignId));
}

export async function insertMetrics(db: DbOrTx, values: (typeof metric.$inferInsert)[]): Promise<void> {
  if (values.length > 0) await db.insert(metric).values(values).onConflictDoNothing();
}

/**
 * The median loss of each trial up to a share of its steps, over the last two fifths of that part. Trials with fewer
 * than three points there are left out.
 */
export async function lossesAtShare(
  db: DbOrTx,
  trialIds: number[],
  share: number,
): Promise<Map<number, number>> {
  if (trialIds.length === 0) return new Map();
  const to = sql`${share}::float8 * ${metric.steps}`;
  const found = await db
    .select({
      trialId: metric.trialId,
      loss: sql<number>`percentile_cont(0.5) within group (order by (${metric.values}->>'loss')::float8)`.mapWith(
        Number,
      ),
    })
    .from(metric)
    .where(
      and(
        inArray(metric.trialId, trialIds),
        sql`${metric.values}->>'loss' is not null`,
        sql`${metric.step} <= ${to} and ${metric.step} > 0.6 * ${to}`,
      ),
    )
    .groupBy(metric.trialId)
    .having(sql`count(*) >= 3`);
  return new Map(found.map(({ trialId, loss }) => [trialId, loss]));
}

/** Replaces a node's trials that never started. */
export async function replaceTrials(tx: DbOrTx, nodeId: number, values: NewTrial[]): Promise<TrialRow[]> {
  await tx.delete(trial).where(and(eq(trial.nodeId, nodeId), eq(trial.state, 'planned')));
  return insertTrials(tx, values);
}
