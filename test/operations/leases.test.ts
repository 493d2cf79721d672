import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { recordEvent } from '../../src/store/events.ts';
import { acquireLease, fencedDb, LeaseLost, releaseLeases } from '../../src/store/leases.ts';
import { event, lease } from '../../src/store/schema.ts';
import { useDatabase } from '../support/world/use-world.ts';

const database = useDatabase();

/** As if its time had run out. */
const expire = () => database.db.update(lease).set({ until: sql`clock_timestamp() - interval '1 second'` });

describe('a lease', () => {
  test('belongs to one owner until it runs out, then to the next with a higher token', async () => {
    const { db } = database;
    expect(await acquireLease(db, 'campaign:x', 'a', 10_000)).toEqual({ name: 'campaign:x', token: 1 });
    expect(await acquireLease(db, 'campaign:x', 'b', 10_000)).toBeNull();
    expect((await acquireLease(db, 'campaign:x', 'a', 10_000))?.token).toBe(1);
    await expire();
    expect((await acquireLease(db, 'campaign:x', 'b', 10_000))?.token).toBe(2);
    expect(await acquireLease(db, 'campaign:x', 'a', 10_000)).toBeNull();
  });

  test('that ran out and was taken again by its own owner has a new token: the old pass is fenced off', async () => {
    const { db } = database;
    const old = await acquireLease(db, 'x', 'a', 10_000);
    await expire();
    const fresh = await acquireLease(db, 'x', 'a', 10_000);
    expect(fresh?.token).toBe((old?.token as number) + 1);
  });

  test('given back is free at once', async () => {
    const { db } = database;
    await acquireLease(db, 'x', 'a', 60_000);
    await releaseLeases(db, 'a');
    expect((await acquireLease(db, 'x', 'b', 10_000))?.token).toBe(2);
  });

  test('lost, it fences every transaction of the old owner, and of the new one none', async () => {
    const { db } = database;
    const at = new Date();
    const old = await acquireLease(db, 'x', 'a', 10_000);
    if (old === null) throw new Error('no lease');
    const fenced = fencedDb(db, old);
    await fenced.transaction((tx) => recordEvent(tx, { campaignId: null, name: 'test.one', actor: 'a', at }));
    await expire();
    const fresh = await acquireLease(db, 'x', 'b', 10_000);
    await expect(
      fenced.transaction((tx) => recordEvent(tx, { campaignId: null, name: 'test.two', actor: 'a', at })),
    ).rejects.toThrow(LeaseLost);
    if (fresh === null) throw new Error('no lease');
    await fencedDb(db, fresh).transaction((tx) =>
      recordEvent(tx, { campaignId: null, name: 'test.three', actor: 'b', at }),
    );
    expect((await db.select().from(event)).map((e) => e.name)).toEqual(['test.one', 'test.three']);
  });
});
