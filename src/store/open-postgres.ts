import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { asError, TrexError } from '../lib/errors.ts';
import type { Database, Db } from './db.ts';
import { migrationLock, migrationsFolder } from './migrate.ts';
import * as schema from './schema.ts';

/**
 * Opens PostgreSQL (15 or later) and brings its schema up to date.
 * @throws TrexError `database_unreachable` without the password in its text
 */
export async function openPostgres(url: string, options: { poolSize?: number } = {}): Promise<Database> {
  const silent = { onnotice: () => {} };
  try {
    const one = postgres(url, { max: 1, connect_timeout: 10, ...silent });
    try {
      await one`select pg_advisory_lock(hashtext(${migrationLock}))`;
      await migrate(drizzle(one), { migrationsFolder });
    } finally {
      await one.end({ timeout: 5 });
    }
  } catch (error) {
    const host = URL.canParse(url) ? new URL(url).host : 'the address in DATABASE_URL';
    throw new TrexError(
      'database_unreachable',
      // The server may be starting as well, so another attempt may succeed.
      'provider',
      `I cannot use the database at ${host}: ${asError(error).message}. Check DATABASE_URL.`,
      { cause: error },
    );
  }
  const sql = postgres(url, { max: options.poolSize ?? 10, ...silent });
  return {
    db: drizzle(sql, { schema }) as unknown as Db,
    kind: 'postgres',
    tidy: async () => {},
    close: () => sql.end({ timeout: 5 }),
  };
}
