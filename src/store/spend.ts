import { type SQL, sql } from 'drizzle-orm';
import type { Cost } from '../campaign/brief.ts';
import type { Period } from '../campaign/commands/command.ts';
import { type DbOrTx, rows } from './db.ts';
import { campaign, reservation, thinkingCall } from './schema.ts';

/** Spending in a period of days. `held` is for work under way, whatever the period. */
export interface Spend {
  compute: Cost;
  thinkingUsd: number;
  held: Cost;
  /** Campaigns that spent something. */
  campaigns: number;
}

/**
 * Sums the spending of campaigns by the day of settlement, in the person's time zone.
 * @param where everything unset: all of the team
 */
export async function sumSpend(
  db: DbOrTx,
  where: { teamId: string; channel?: string; createdBy?: string },
  when: { period: Period; now: Date; timeZone: string },
): Promise<Spend> {
  const of = [
    sql`c.team_id = ${where.teamId}`,
    ...(where.channel === undefined ? [] : [sql`c.channel = ${where.channel}`]),
    ...(where.createdBy === undefined ? [] : [sql`c.created_by = ${where.createdBy}`]),
  ];
  const whose = sql.join(of, sql` and `);
  const within = (column: SQL): SQL => withinPeriod(column, when);
  const [spent] = await rows<{ seconds: number; usd: number; campaigns: number }>(
    db,
    sql`select coalesce(sum(r.spent_seconds), 0)::float8 as seconds, coalesce(sum(r.spent_usd), 0)::float8 as usd,
               count(distinct r.campaign_id)::int as campaigns
        from ${reservation} r join ${campaign} c on c.id = r.campaign_id
        where ${whose} and r.state = 'settled' and r.spent_seconds > 0 and ${within(sql`r.settled_at`)}`,
  );
  const [held] = await rows<{ seconds: number; usd: number }>(
    db,
    sql`select coalesce(sum(r.ceiling_seconds), 0)::float8 as seconds, coalesce(sum(r.ceiling_usd), 0)::float8 as usd
        from ${reservation} r join ${campaign} c on c.id = r.campaign_id
        where ${whose} and r.state = 'held'`,
  );
  const [thought] = await rows<{ usd: number }>(
    db,
    sql`select coalesce(sum(t.usd), 0)::float8 as usd
        from ${thinkingCall} t join ${campaign} c on c.id = t.campaign_id
        where ${whose} and ${within(sql`t.at`)}`,
  );
  const cost = (row: { seconds: number; usd: number } | undefined): Cost => ({
    computeSeconds: Number(row?.seconds ?? 0),
    usd: Number(row?.usd ?? 0),
  });
  return {
    compute: cost(spent),
    thinkingUsd: Number(thought?.usd ?? 0),
    held: cost(held),
    campaigns: Number(spent?.campaigns ?? 0),
  };
}

function withinPeriod(
  column: SQL,
  { period, now, timeZone }: { period: Period; now: Date; timeZone: string },
): SQL {
  if (period === 'ever') return sql`true`;
  const unit = sql.raw(period === 'week' || period === 'month' ? `'${period}'` : "'day'");
  const start = sql`date_trunc(${unit}, ${now.toISOString()}::timestamptz at time zone ${timeZone})`;
  if (period !== 'yesterday') return sql`${column} >= ${start} at time zone ${timeZone}`;
  return sql`${column} >= (${start} - interval '1 day') at time zone ${timeZone} and ${column} < ${start} at time zone ${timeZone}`;
}
