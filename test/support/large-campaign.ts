import { sql } from 'drizzle-orm';
import { type Database, type DbOrTx, rows } from '../../src/store/db.ts';
import { listNodes } from '../../src/store/nodes.ts';
import { createWorld, type World } from './world/create-world.ts';

/**
 * A campaign of `nodes` nodes, still searching: ten nodes that were really planned and scored, copied with all their
 * rows (items of two trials, 40 points of a curve, job, money, messages) into a tree of three children each.
 * @returns its id; the world's data folder holds its rows
 */
export async function makeLargeCampaign(
  database: Database,
  nodes: number,
): Promise<{ campaignId: string; world: World }> {
  const { db } = database;
  const world = createWorld(db, { slots: 1 });
  const campaignId = await world.begin(
    'teach upper, exact match, budget 100 hours, no need to ask, one at a time, full only, at most 9 rounds',
  );
  const scored = async (): Promise<boolean> =>
    (await listNodes(db, campaignId)).filter((n) => n.state === 'scored').length >= 9;
  await world.until('nine scored rounds', scored, 2000);
  await db.transaction((tx) => copyNodes(tx, campaignId, nodes));
  return { campaignId, world };
}

async function copyNodes(tx: DbOrTx, campaignId: string, nodes: number): Promise<void> {
  const run = (statement: ReturnType<typeof sql>) => tx.execute(statement);
  // Columns to copy, read by name, so that a new column needs no change here.
  const columns = async (table: string, without: string[]): Promise<string> => {
    const found = await rows<{ name: string }>(
      tx,
      sql`select column_name as name from information_schema.columns
        where table_schema = 'public' and table_name = ${table} order by ordinal_position`,
    );
    return found
      .map(({ name }) => name)
      .filter((name) => !without.includes(name))
      .map((name) => `"${name}"`)
      .join(', ');
  };
  const copy = async (
    table: string,
    changed: Record<string, string>,
    from: string,
    alias: string,
    skip: string[] = [],
  ): Promise<void> => {
    const same = await columns(table, [...Object.keys(changed), ...skip]);
    const list = [same, ...Object.keys(changed).map((c) => `"${c}"`)]
      .filter((part) => part !== '')
      .join(', ');
    const values = [
      ...same
        .split(', ')
        .filter((part) => part !== '')
        .map((c) => `${alias}.${c}`),
      ...Object.values(changed),
    ].join(', ');
    await run(sql.raw(`insert into "${table}" (${list}) select ${values} from ${from}`));
  };
  // The search phase is over for the small tree; the large one goes on.
  await run(
    sql`update campaign set state = 'searching', final = null, finished_at = null where id = ${campaignId}`,
  );
  await run(
    sql`update campaign set brief = jsonb_set(brief, '{maxNodes}', '100000') where id = ${campaignId}`,
  );
  await run(sql`delete from trial where purpose = 'confirm' and campaign_id = ${campaignId}`);
  await run(sql`create temp table copied on commit drop as
    select n.id as source, g.number, (null::bigint) as id
    from generate_series(9, ${nodes - 1}::int) g(number)
    join node n on n.campaign_id = ${campaignId} and n.number = 1 + g.number % 8`);
  await copy(
    'node',
    { number: 'c.number', best_trial_id: 'null' },
    'copied c join node n on n.id = c.source',
    'n',
    ['id'],
  );
  await run(
    sql`update copied c set id = n.id from node n where n.campaign_id = ${campaignId} and n.number = c.number`,
  );
  await copy(
    'trial',
    { node_id: 'c.id', spec_hash: 'md5(t.spec_hash || c.number)' },
    'copied c join trial t on t.node_id = c.source',
    't',
    ['id'],
  );
  await run(sql`create temp table copied_trial on commit drop as
    select t.id as source, u.id, c.number, c.id as node_id
    from copied c join trial t on t.node_id = c.source join trial u on u.node_id = c.id and u.index = t.index`);
  await run(sql`update node n set best_trial_id = x.id from copied_trial x
    join node s on s.best_trial_id = x.source where n.id = x.node_id`);
  await run(sql`update node c set parent_id = p.id from node p
    where c.campaign_id = ${campaignId} and p.campaign_id = c.campaign_id and c.number > 0 and p.number = (c.number - 1) / 3`);
  const of = (table: string, alias: string): string =>
    `copied_trial x join "${table}" ${alias} on ${alias}.trial_id = x.source`;
  await copy('split_result', { trial_id: 'x.id' }, of('split_result', 's'), 's');
  await copy(
    'reservation',
    { trial_id: 'x.id', key: "r.key || '-' || x.number" },
    of('reservation', 'r'),
    'r',
  );
  await copy('job', { trial_id: 'x.id', key: "j.key || '-' || x.number" }, of('job', 'j'), 'j');
  await run(sql`insert into metric (trial_id, attempt, seq, step, steps, values)
    select t.id, 1, s, s * 10, 400, jsonb_build_object('loss', 1.0 / s, 'learningRate', 0.001, 'tokensPerSecond', 18000)
    from trial t, generate_series(1, 40) s where t.campaign_id = ${campaignId} on conflict do nothing`);
  await copy(
    'event',
    {},
    `copied c join event e on e.name = 'node.scored' and e.campaign_id = '${campaignId}' and (e.data->>'node')::int = 1`,
    'e',
    ['id'],
  );
  await copy(
    'outbox',
    { key: "o.key || ':' || c.number" },
    `copied c join lateral (select * from outbox where slot is null and campaign_id = '${campaignId}' order by id limit 1) o on true`,
    'o',
    ['id'],
  );
}

/** Bytes of the tables and indexes of the bot's own data. */
export async function databaseBytes({ db }: Database): Promise<Map<string, number>> {
  await db.execute(sql`analyze`);
  const found = await rows<{ name: string; bytes: number | string }>(
    db,
    sql`select tablename as name, pg_total_relation_size(format('%I.%I', schemaname, tablename)::regclass)::bigint as bytes
      from pg_tables where schemaname = 'public'`,
  );
  return new Map(found.map(({ name, bytes }) => [name, Number(bytes)]));
}
