import { sql } from 'drizzle-orm';
import { type DbOrTx, rows } from './db.ts';
import { channel, scheduleRun } from './schema.ts';

export async function ensureChannel(
  tx: DbOrTx,
  values: { teamId: string; channel: string; timeZone: string; summaryMinute: number; at: Date },
): Promise<void> {
  await tx
    .insert(channel)
    .values({
      teamId: values.teamId,
      channel: values.channel,
      timeZone: values.timeZone,
      summaryMinute: values.summaryMinute,
      createdAt: values.at,
    })
    .onConflictDoNothing();
}

export interface DueSummary {
  teamId: string;
  channel: string;
  timeZone: string;
  localDate: string;
}

/**
 * Channels whose local time is past the summary's minute and that have no run for the local day. A channel that
 * was made after today's minute waits for tomorrow. After days of downtime there is one summary, not one a day.
 */
export async function listDueSummaries(db: DbOrTx, now: Date): Promise<DueSummary[]> {
  const at = now.toISOString();
  const found = await rows<{ team_id: string; channel: string; time_zone: string; local_date: string }>(
    db,
    sql`
      select c.team_id, c.channel, c.time_zone,
             to_char(${at}::timestamptz at time zone c.time_zone, 'YYYY-MM-DD') as local_date
      from ${channel} c
      where c.summary_minute is not null
        and extract(hour from ${at}::timestamptz at time zone c.time_zone) * 60
          + extract(minute from ${at}::timestamptz at time zone c.time_zone) >= c.summary_minute
        and (c.created_at at time zone c.time_zone)
          < date_trunc('day', ${at}::timestamptz at time zone c.time_zone) + make_interval(mins => c.summary_minute)
        and not exists (
          select 1 from ${scheduleRun} r
          where r.team_id = c.team_id and r.channel = c.channel and r.name = 'summary'
            and r.local_date = to_char(${at}::timestamptz at time zone c.time_zone, 'YYYY-MM-DD'))
    `,
  );
  return found.map((r) => ({
    teamId: r.team_id,
    channel: r.channel,
    timeZone: r.time_zone,
    localDate: r.local_date,
  }));
}

/** Claims a day's run. @returns false when it was claimed already */
export async function claimScheduleRun(
  tx: DbOrTx,
  values: typeof scheduleRun.$inferInsert,
): Promise<boolean> {
  const claimed = await tx
    .insert(scheduleRun)
    .values(values)
    .onConflictDoNothing()
    .returning({ date: scheduleRun.localDate });
  return claimed.length > 0;
}

/** The last run before a day, with its snapshot. */
export async function findLastScheduleRun(
  db: DbOrTx,
  where: { teamId: string; channel: string; name: string; before: string },
): Promise<
  { localDate: string; claimedAt: Date; snapshot: Record<string, { best: number | null }> } | undefined
> {
  const [row] = await db
    .select()
    .from(scheduleRun)
    .where(
      sql`${scheduleRun.teamId} = ${where.teamId} and ${scheduleRun.channel} = ${where.channel}
        and ${scheduleRun.name} = ${where.name} and ${scheduleRun.localDate} < ${where.before}`,
    )
    .orderBy(sql`${scheduleRun.localDate} desc`)
    .limit(1);
  return row;
}
