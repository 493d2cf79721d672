import { sql } from 'drizzle-orm';
import { type DbOrTx, rows } from './db.ts';

/**
 * A text for each campaign that differs when something visible of it does: an event, a message to its thread, a step of
 * a run, a state of the cluster. One statement over indexes: the last ids, and the rows of running work. Campaigns that
 * do not exist are left out.
 */
export async function readVersions(db: DbOrTx, campaignIds: string[]): Promise<Map<string, string>> {
  if (campaignIds.length === 0) return new Map();
  const ids = sql.join(
    campaignIds.map((id) => sql`${id}`),
    sql`, `,
  );
  const found = await rows<{ id: string; version: string }>(
    db,
    sql`select c.id, concat_ws('.',
        (select max(e.id) from event e where e.campaign_id = c.id),
        (select max(o.id) from outbox o where o.slot = 'progress:' || c.id),
        (select md5(string_agg(concat_ws(' ', t.id, t.state, round((t.progress * 100)::numeric)), ',' order by t.id))
          from trial t where t.campaign_id = c.id and t.state in ('submitted', 'running')),
        (select md5(string_agg(concat_ws(' ', j.key, j.cluster_state, j.reason), ',' order by j.key))
          from job j where j.state = 'live' and j.campaign_id = c.id)
      ) as version
      from campaign c where c.id in (${ids})`,
  );
  return new Map(found.map(({ id, version }) => [id, version]));
}

/** The same for the list of all campaigns: a state, a score or a spend of any of them. */
export async function readVersionOfAll(db: DbOrTx): Promise<string> {
  const [found] = await rows<{ version: string | null }>(
    db,
    sql`select concat_ws('.', (select max(id) from event), (select max(id) from outbox)) as version`,
  );
  return found?.version ?? '';
}
