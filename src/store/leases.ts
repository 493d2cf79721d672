import { eq, sql } from 'drizzle-orm';
import { TrexError } from '../lib/errors.ts';
import { type Db, type DbOrTx, rows } from './db.ts';
import { lease } from './schema.ts';

/** The right, until it expires, to do something that only one instance may do. The token grows with every new owner. */
export interface Lease {
  name: string;
  token: number;
}

/** The owner was frozen or slow, and another one has taken over: the pending write must not happen. */
export class LeaseLost extends TrexError {
  constructor(name: string) {
    super('lease_lost', 'ours', `The lease ${name} belongs to somebody else now.`);
  }
}

/**
 * Takes a free or expired lease, or prolongs our own. Time is the database's, so that clocks of instances do not
 * matter. @returns null while somebody else holds it
 */
export async function acquireLease(
  db: DbOrTx,
  name: string,
  owner: string,
  ttlMs: number,
): Promise<Lease | null> {
  const seconds = ttlMs / 1000;
  const [row] = await rows<{ token: number | string }>(
    db,
    sql`
      insert into ${lease} as held (name, owner, token, until)
      values (${name}, ${owner}, 1, clock_timestamp() + make_interval(secs => ${seconds}::double precision))
      on conflict (name) do update
        set owner = excluded.owner,
            token = case when held.owner = excluded.owner and held.until > clock_timestamp() then held.token else held.token + 1 end,
            until = excluded.until
        where held.owner = excluded.owner or held.until <= clock_timestamp()
      returning token
    `,
  );
  return row === undefined ? null : { name, token: Number(row.token) };
}

/** Releases all leases of an owner at once, so that the next owner need not wait for them to expire. */
export async function releaseLeases(db: DbOrTx, owner: string): Promise<void> {
  await db.update(lease).set({ until: sql`clock_timestamp()` }).where(eq(lease.owner, owner));
}

/**
 * Locks the lease row until the transaction ends, and proves that the lease is still ours: a worker that lost it writes
 * nothing, however long it slept. @throws LeaseLost
 */
async function assertLease(tx: DbOrTx, held: Lease): Promise<void> {
  const [row] = await tx
    .select({ token: lease.token })
    .from(lease)
    .where(eq(lease.name, held.name))
    .for('share');
  if (row?.token !== held.token) throw new LeaseLost(held.name);
}

/** The same database, in which every transaction first proves that the lease is still held. */
export function fencedDb(db: Db, held: Lease): Db {
  return new Proxy(db, {
    get: (target, property, receiver) => {
      if (property !== 'transaction') return Reflect.get(target, property, receiver) as unknown;
      return (callback: Parameters<Db['transaction']>[0], config?: Parameters<Db['transaction']>[1]) =>
        target.transaction(async (tx) => {
          await assertLease(tx, held);
          return callback(tx);
        }, config);
    },
  });
}
