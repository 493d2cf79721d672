import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { type Db, rows } from '../../src/store/db.ts';
import { migrationsFolder } from '../../src/store/migrate.ts';

/** One file for each released schema, with data in it, as plain SQL that both databases take. */
export const schemasFolder = fileURLToPath(new URL('../fixtures/schemas', import.meta.url));

/** A database as one SQL text: its migrations, the migrator's own table, and every row of every table. */
export async function dumpSchema(db: Db): Promise<string> {
  const { entries } = JSON.parse(readFileSync(join(migrationsFolder, 'meta', '_journal.json'), 'utf8')) as {
    entries: { tag: string }[];
  };
  const schema = entries.map(({ tag }) => readFileSync(join(migrationsFolder, `${tag}.sql`), 'utf8'));
  const applied = await rows<{ id: number; hash: string; created_at: string }>(
    db,
    sql`select id, hash, created_at from drizzle.__drizzle_migrations order by id`,
  );
  const tables = await rows<{ name: string }>(
    db,
    sql`select tablename as name from pg_tables where schemaname = 'public' order by tablename`,
  );
  const data: string[] = [];
  for (const { name } of tables) {
    const table = sql.identifier(name);
    const found = await rows<{ row: string }>(
      db,
      sql`select to_jsonb(t)::text as row from ${table} t order by 1`,
    );
    if (found.length === 0) continue;
    const list = found.map(({ row }) => `  ${row}`).join(',\n');
    data.push(
      `insert into "${name}" overriding system value select * from jsonb_populate_recordset(null::"${name}", $rows$[\n${list}\n]$rows$);`,
    );
  }
  const sequences = await rows<{ table: string; column: string }>(
    db,
    sql`select table_name as table, column_name as column from information_schema.columns
      where table_schema = 'public' and is_identity = 'YES' order by table_name`,
  );
  return [
    ...schema.map((text) => text.replaceAll('--> statement-breakpoint', '')),
    'create schema if not exists drizzle;',
    'create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);',
    ...applied.map(
      ({ hash, created_at }) =>
        `insert into drizzle.__drizzle_migrations (hash, created_at) values ('${hash}', ${created_at});`,
    ),
    // Rows come in the order of table names, so references are not checked before all are there.
    "set session_replication_role = 'replica';",
    ...data,
    "set session_replication_role = 'origin';",
    ...sequences.map(
      ({ table, column }) =>
        `select setval(pg_get_serial_sequence('"${table}"', '${column}'), greatest(1, (select max("${column}") from "${table}")));`,
    ),
    '',
  ].join('\n');
}
