import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { asError, TrexError } from '../lib/errors.ts';
import { folderProblem, unusableDataDir } from '../lib/folder-problem.ts';
import { runTypeScript } from '../lib/run-typescript.ts';
import type { Database, Db } from './db.ts';
import { lockDirectory } from './directory-lock.ts';
import { migrationsFolder } from './migrate.ts';
import { giveWayAfterQueries, SyncedNodeFS } from './pglite-files.ts';
import * as schema from './schema.ts';

/** `-F` would turn fsync off again; `wal_sync_method=fsync` is the one the file system above answers. */
const startParams = [...PGlite.defaultStartParams.filter((p) => p !== '-F'), '-c', 'wal_sync_method=fsync'];

/** 160 MB of shared buffers (the default) would double the bot's memory for a database of a few megabytes. */
const postgresqlconf = ['shared_buffers=16MB'];

/**
 * Opens the embedded database in `dir`, creating it where there is none. One process at a time.
 * @throws TrexError `data_dir_in_use`, `data_dir_unusable`, `database_damaged`
 */
export async function openPglite(dir: string): Promise<Database> {
  const lock = await lockDirectory(dir);
  try {
    // initdb inside WebAssembly takes 800 MB that a process never gives back, so a child does it.
    if (!existsSync(join(dir, 'PG_VERSION'))) await makeInChild(dir);
    const pg = await PGlite.create({ fs: new SyncedNodeFS(dir), startParams, postgresqlconf });
    giveWayAfterQueries(pg);
    const db = drizzle(pg, { schema });
    await migrate(db, { migrationsFolder });
    return {
      db: db as unknown as Db,
      kind: 'pglite',
      tidy: async () => {
        await pg.exec('checkpoint');
        await pg.exec('vacuum');
      },
      close: async () => {
        await pg.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw explainOpening(error, dir);
  }
}

function explainOpening(error: unknown, dir: string): Error {
  if (error instanceof TrexError) return error;
  const problem = folderProblem(error);
  if (problem !== null) return unusableDataDir(dir, problem, error);
  // PostgreSQL prints why it stops to a console that does not exist here: the caller only learns that it aborted.
  return new TrexError(
    'database_damaged',
    'config',
    `The embedded database in ${dir} cannot be opened (${asError(error).message.split('.')[0]}): its files are damaged, or of another version. Put a backup of the data folder in its place, or move ${dir} away and the bot starts with an empty one; TREX_DATA_DIR says where the folder is.`,
    { cause: error },
  );
}

/** Creates the files of an empty database; run as a process of its own. */
export async function makePglite(dir: string): Promise<void> {
  const pg = await PGlite.create({ fs: new SyncedNodeFS(dir), startParams, postgresqlconf });
  await pg.close();
}

/** Created elsewhere first: an interrupted creation leaves no database, and is not mistaken for one. */
async function makeInChild(dir: string): Promise<void> {
  const script = fileURLToPath(new URL('./make-pglite.ts', import.meta.url));
  const making = `${dir}.making`;
  await rm(making, { recursive: true, force: true });
  await promisify(execFile)(process.execPath, [...runTypeScript(), script, making]);
  // initdb gives its files permissions of its own, for everybody.
  for (const file of await readdir(making, { recursive: true, withFileTypes: true }))
    await chmod(join(file.parentPath, file.name), file.isDirectory() ? 0o700 : 0o600);
  await rmdir(dir);
  await rename(making, dir);
}
