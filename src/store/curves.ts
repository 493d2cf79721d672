import { inArray, sql } from 'drizzle-orm';
import { type DbOrTx, rows } from './db.ts';
import { metric } from './schema.ts';

/** A point of a training curve; a loss that is no number is NaN. */
export interface LossRow {
  trialId: number;
  step: number;
  loss: number;
}

/**
 * Training losses of the last attempt of each trial, by trial and in their order: of long ones every n-th, the first and
 * the last, so that a trial has at most `maxPoints` + 2 of them however long it ran.
 */
export async function listLosses(db: DbOrTx, trialIds: number[], maxPoints: number): Promise<LossRow[]> {
  if (trialIds.length === 0) return [];
  return rows<LossRow>(
    db,
    sql`
      with point as (
        select trial_id, step, coalesce((${metric.values}->>'loss')::float8, 'NaN') as loss,
          row_number() over attempt as place, count(*) over (partition by trial_id, attempt) as points,
          max(attempt) over (partition by trial_id) as last, attempt
        from ${metric} where ${inArray(metric.trialId, trialIds)} and ${metric.values} ? 'loss'
        window attempt as (partition by trial_id, attempt order by seq)
      )
      select trial_id::int as "trialId", step, loss from point
      where attempt = last and (place = 1 or place = points or place % ceil(points / ${maxPoints}::float8)::int = 0)
      order by trial_id, place`,
  );
}
