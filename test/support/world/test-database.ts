import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import postgres from 'postgres';
import { sha256 } from '../../../src/lib/hash.ts';
import { type Database, type Db, rows } from '../../../src/store/db.ts';
import { migrationsFolder } from '../../../src/store/migrate.ts';
import { makePglite, openPglite } from '../../../src/store/open-pglite.ts';
import { openPostgres } from '../../../src/store/open-postgres.ts';
import { giveWayAfterQueries } from '../../../src/store/pglite-files.ts';
import * as schema from '../../../src/store/schema.ts';
import { givenPostgres, serverVariable } from '../postgres.ts';
import { batchQueries, createTurns, type Query } from './batched-pglite.ts';

/**
 * A migrated database of a test file: on the PostgreSQL server of the run where it has one, else in memory. There the
 * first test file of a schema takes 4 s to make one; the others load its image in 0.6 s.
 */
export async function openTestDatabase(): Promise<Database> {
  return process.env[serverVariable] === undefined ? openQuickly() : openOnServer();
}

async function openOnServer(): Promise<Database> {
  const server = givenPostgres();
  const url = await server.create();
  const database = await openPostgres(url);
  return {
    ...database,
    close: async () => {
      await database.close();
      await server.drop(url);
    },
  };
}

/** A database in memory with batched queries; no other code may use `pg` while they run. */
export async function openInMemory(): Promise<{ pg: PGlite; query: Query; close(): Promise<void> }> {
  const pg = await openImage();
  // No disk, so a commit need not wait for one.
  await pg.exec('set synchronous_commit = off');
  return { pg, query: batchQueries(pg), close: () => pg.close() };
}

async function openQuickly(): Promise<Database> {
  const { query, close } = await openInMemory();
  const exclusive = createTurns();
  const client = {
    query: (...args: Parameters<Query>) => exclusive(() => query(...args)),
    transaction: <T>(work: (tx: { query: Query }) => Promise<T>): Promise<T> =>
      exclusive(async () => {
        await query('begin');
        try {
          const value = await work({ query });
          await query('commit');
          return value;
        } catch (error) {
          await query('rollback');
          throw error;
        }
      }),
  } as unknown as PGlite;
  giveWayAfterQueries(client);
  const db = drizzle({ client, schema });
  return { db: db as unknown as Db, kind: 'pglite', tidy: async () => {}, close };
}

async function openImage(): Promise<PGlite> {
  const journal = await readFile(join(migrationsFolder, 'meta', '_journal.json'), 'utf8');
  const image = join(tmpdir(), `trex-test-database-${sha256(journal).slice(0, 12)}.tar`);
  if (existsSync(image)) return PGlite.create({ loadDataDir: new Blob([readFileSync(image)]) });
  const fresh = await PGlite.create({ postgresqlconf: ['shared_buffers=16MB'] });
  await migrate(drizzle(fresh, { schema }), { migrationsFolder });
  writeFileSync(
    `${image}.${process.pid}`,
    new Uint8Array(await (await fresh.dumpDataDir('none')).arrayBuffer()),
  );
  renameSync(`${image}.${process.pid}`, image);
  return fresh;
}

/** A database of an older version, opened by this one as the bot opens it: in `dir`, or on the server. */
export async function openOldDatabase(dir: string, dump: string): Promise<Database> {
  if (process.env[serverVariable] === undefined) {
    await makePglite(dir);
    const old = await PGlite.create(dir);
    await old.exec(dump);
    await old.close();
    return openPglite(dir);
  }
  const server = givenPostgres();
  const url = await server.create({ migrated: false });
  const old = postgres(url, { max: 1, onnotice: () => {} });
  await old.unsafe(dump).simple();
  await old.end();
  const database = await openPostgres(url);
  return {
    ...database,
    close: async () => {
      await database.close();
      await server.drop(url);
    },
  };
}

/** Empties every table, so that a test needs no new database. */
export async function emptyDatabase(database: Database): Promise<void> {
  const tables = await rows<{ tablename: string }>(
    database.db,
    sql`select tablename from pg_tables where schemaname = 'public'`,
  );
  const names = tables.map((t) => `"${t.tablename}"`).join(', ');
  await database.db.execute(sql.raw(`truncate ${names} restart identity cascade`));
}
