import { DrizzleQueryError, type SQL } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { TrexError } from '../lib/errors.ts';
import type * as schema from './schema.ts';

/** One type for both databases: PGlite and PostgreSQL speak the same schema. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;
/** Inside a transaction only `tx` may be used: on PGlite the outer `db` would wait for itself for ever. */
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

/**
 * Is the database unreachable or in trouble, in contrast to a wrong statement? Such a failure is temporary and says
 * nothing about the run, the file or the plan in question: no final decision may rest on it, the work is simply
 * repeated.
 */
export function isDatabaseOutage(error: unknown): boolean {
  for (let at = error; at instanceof Error && !(at instanceof TrexError); at = at.cause) {
    const { code } = at as { code?: unknown };
    // postgres.js outside of a query: the connection was refused, reset, closed, or took too long.
    if (typeof code === 'string' && /^(ECONN|CONNECTION_|CONNECT_TIMEOUT)/.test(code)) return true;
    // Classes 0A, 21 to 2F, 42 and 44 of SQLSTATE blame the statement or its data.
    if (at instanceof DrizzleQueryError || at.name === 'PostgresError')
      return !/^(0A|2|42|44)/.test(sqlState(at) ?? '');
  }
  return false;
}
