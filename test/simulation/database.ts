import type { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import type { Db } from '../../src/store/db.ts';
import * as schema from '../../src/store/schema.ts';
import { createTurns, type Query, type QueryOptions } from '../support/world/batched-pglite.ts';
import { openInMemory } from '../support/world/test-database.ts';

/** Hooks at which faults act on a connection. A promise that never settles stops its process there for good. */
export interface ConnectionHooks {
  /** Before a statement outside a transaction, and before a transaction begins. */
  before(statement: string): Promise<void>;
  /** Inside a transaction, before a statement and before the commit. Only the death of the process may delay it. */
  inside(statement: string): Promise<void>;
  /** After a statement outside a transaction, and after a commit. */
  after(statement: string, changed: number): Promise<void>;
  /** Settles when the process dies: an open transaction is then rolled back, as the server does. */
  died: Promise<void>;
}

/** One PGlite for many simulated processes, each with a connection of its own. */
export interface SimulationDatabase {
  connect(hooks: ConnectionHooks): Db;
  /** Reads from outside the simulation: no hook, no fault, and inside an open transaction where there is one. */
  read<T>(sql: string, values?: unknown[]): Promise<T[]>;
  /** Sets the server's clock, by which leases expire. */
  setTime(now: Date): void;
  /** Rows changed so far, without leases; and of them, those of campaigns and their tables. */
  changes(): number;
  changesOfCampaigns(): number;
  /** Statements so far. */
  statements(): number;
  empty(): Promise<void>;
  close(): Promise<void>;
}

export async function openSimulationDatabase(): Promise<SimulationDatabase> {
  const { pg, query, close } = await openInMemory();
  const tables = (
    await pg.query<{ tablename: string }>(`select tablename from pg_tables where schemaname = 'public'`)
  ).rows.map((row) => `"${row.tablename}"`);
  let exclusive = createTurns();
  let now = new Date(0);
  let changes = 0;
  let changesOfCampaigns = 0;
  let statements = 0;

  const run: Query = async (sql, values = [], options) => {
    const timed = sql.includes('clock_timestamp()');
    const text = timed ? sql.replaceAll('clock_timestamp()', `$${values.length + 1}::timestamptz`) : sql;
    const result = await query(text, timed ? [...values, now] : values, options);
    statements++;
    if (result.affectedRows > 0 && !sql.includes('"lease"')) {
      changes += result.affectedRows;
      if (!/^\s*(?:insert into|update) "(?:outbox|inbox|message_slot|metric)"/.test(sql)) {
        changesOfCampaigns += result.affectedRows;
      }
    }
    return result;
  };

  const connect = (hooks: ConnectionHooks): Db => {
    const dead = Symbol('dead');
    const died = hooks.died.then(() => dead);
    const inside = async (statement: string): Promise<void> => {
      await hooks.inside(statement);
    };
    const client = {
      query: async (sql: string, values: unknown[] = [], options?: QueryOptions) => {
        await hooks.before(sql);
        const answer = await exclusive(() => run(sql, values, options));
        await hooks.after(sql, answer.affectedRows);
        return answer;
      },
      transaction: async <T>(callback: (tx: unknown) => Promise<T>): Promise<T> => {
        await hooks.before('begin');
        let changed = 0;
        const result = await exclusive(async () => {
          await run('begin');
          try {
            const tx = {
              query: async (sql: string, values: unknown[] = [], options?: QueryOptions) => {
                await inside(sql);
                const answer = await run(sql, values, options);
                changed += answer.affectedRows;
                return answer;
              },
            };
            const work = callback(tx).then(async (value) => {
              await inside('commit');
              return value;
            });
            const value = await Promise.race([work, died]);
            if (value === dead) {
              await run('rollback');
              return dead;
            }
            await run('commit');
            return value as T;
          } catch (error) {
            await run('rollback');
            throw error;
          }
        });
        if (result === dead) return never();
        await hooks.after('commit', changed);
        return result as T;
      },
    };
    return drizzle({ client: client as unknown as PGlite, schema }) as unknown as Db;
  };

  return {
    connect,
    read: async <T>(sql: string, values: unknown[] = []) => (await run(sql, values)).rows as T[],
    setTime: (at) => {
      now = at;
    },
    changes: () => changes,
    changesOfCampaigns: () => changesOfCampaigns,
    statements: () => statements,
    empty: async () => {
      exclusive = createTurns();
      await pg.exec(`truncate ${tables.join(', ')} restart identity cascade`);
    },
    close,
  };
}

/** The promise that a dead process waits for. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {});
