import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { runTypeScript } from '../../src/lib/run-typescript.ts';
import { rows } from '../../src/store/db.ts';
import { migrationsFolder } from '../../src/store/migrate.ts';
import { openPostgres } from '../../src/store/open-postgres.ts';
import { givenPostgres } from '../support/postgres.ts';

const bin = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));

/** `trex migrate` in a process of its own. */
function migrateInProcess(url: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [...runTypeScript(), bin, 'migrate'], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, DATABASE_URL: url },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, output })));
}

test('five processes that start together on an empty database migrate it once', async () => {
  const server = givenPostgres();
  const url = await server.create({ migrated: false });
  const ends = await Promise.all(Array.from({ length: 5 }, () => migrateInProcess(url)));
  expect(ends.map(({ code, output }) => (code === 0 ? 0 : output))).toEqual([0, 0, 0, 0, 0]);
  const database = await openPostgres(url);
  const applied = await rows(database.db, sql`select * from drizzle.__drizzle_migrations`);
  const journal = JSON.parse(readFileSync(join(migrationsFolder, 'meta', '_journal.json'), 'utf8'));
  expect(applied).toHaveLength(journal.entries.length);
  await database.close();
  await server.drop(url);
});

test('twenty connections of one process that open an empty database at once all succeed', async () => {
  const server = givenPostgres();
  const url = await server.create({ migrated: false });
  const opened = await Promise.all(Array.from({ length: 20 }, () => openPostgres(url, { poolSize: 1 })));
  await Promise.all(opened.map((database) => database.close()));
  await server.drop(url);
});

test('a database that cannot be reached is named, without its password', async () => {
  const refused = openPostgres('postgres://trex:sesame@127.0.0.1:1/trex');
  await expect(refused).rejects.toThrow('I cannot use the database at 127.0.0.1:1');
  await expect(refused).rejects.not.toThrow('sesame');
});
