import type { SQL } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type * as schema from './schema.ts';

/** One type for both databases: PGlite and PostgreSQL speak the same schema. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;
/**
 * Inside a transaction only `tx` may be used: on PGlite the outer `db` would wait for itself for ever.
 */
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0];
export type DbOrTx = Db | Tx;

export interface Database {
  db: Db;
  kind: 'pglite' | 'postgres';
  /** Housekeeping that PostgreSQL does by itself and PGlite does not (CHECKPOINT, VACUUM). */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

/** Rows of a raw statement: an array from postgres.js, `{ rows }` from PGlite. */
export async function rows<T = Record<string, unknown>>(db: DbOrTx, statement: SQL): Promise<T[]> {
  const result = (await db.execute(statement)) as unknown as T[] | { rows: T[] };
  return Array.isArray(result) ? result : result.rows;
}

/** SQLSTATE of an error, whichever driver raised it and however deep it is wrapped. */
function sqlState(error: unknown): string | undefined {
  let current = error as { code?: unknown; cause?: unknown } | undefined;
  while (current !== undefined && current !== null) {
    if (typeof current.code === 'string' && /^[0-9A-Z]{5}$/.test(current.code)) return current.code;
    current = current.cause as typeof current;
  }
  return undefined;
}

export const isUniqueViolation = (error: unknown): boolean => sqlState(error) === '23505';
