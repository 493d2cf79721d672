import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import { expect, test } from 'vitest';
import { migrationsFolder } from '../src/store/migrate.ts';
import * as schema from '../src/store/schema.ts';

const meta = join(migrationsFolder, 'meta');
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

test('the migrations make the schema: db:generate has nothing to add', async () => {
  const snapshots = readdirSync(meta).filter((name) => name.endsWith('_snapshot.json'));
  const last = read(join(meta, snapshots.sort().at(-1) as string)) as Parameters<typeof generateMigration>[0];
  const now = generateDrizzleJson(schema as Record<string, unknown>, last.id);
  expect(await generateMigration(last, now)).toEqual([]);
});

test('the journal, the files and the snapshots are of the same migrations, in the order of their time', () => {
  const { entries } = read(join(meta, '_journal.json')) as {
    entries: { idx: number; tag: string; when: number }[];
  };
  const files = readdirSync(migrationsFolder).filter((name) => name.endsWith('.sql'));
  expect(files.sort()).toEqual(entries.map(({ tag }) => `${tag}.sql`));
  expect(entries.map((e) => e.idx)).toEqual(entries.map((_, i) => i));
  const times = entries.map((e) => e.when);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});
