import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DrizzleQueryError } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TrexError } from '../../src/lib/errors.ts';
import { createHealth } from '../../src/operations/health.ts';
import { createHealthLoop } from '../../src/scheduler/health-loop.ts';
import type { Loop } from '../../src/scheduler/loop.ts';
import type { Db } from '../../src/store/db.ts';
import { healthRoutes } from '../../src/web/health.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { emptyDatabase, openTestDatabase } from '../support/world/test-database.ts';

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let world: World;
let loop: Loop;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyDatabase(database);
  world = createWorld(database.db, { slots: 2 });
  loop = openLoop();
});
afterEach(() => world.dispose());

const openLoop = (): Loop => createHealthLoop(world.ctx, 'w1', { everyMs: 15_000, leaseMs: 12_000 });
const said = (): string[] =>
  world.chat.messages.flatMap(({ content }) =>
    (content.kind === 'problem' || content.kind === 'text') && /answer|disk|Disk/.test(content.text)
      ? [content.text]
      : [],
  );
/** Minutes in which the loops run, whatever becomes of their passes. */
async function minutes(count: number): Promise<void> {
  for (let i = 0; i < count * 2; i++) {
    await loop.runOnce();
    await world.step(30_000).catch(() => world.clock.advance(30_000));
  }
}
const readyz = async () => {
  const response = await healthRoutes(world.ctx, () => true).request('/readyz');
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const begin = () => world.begin('teach upper, exact match, budget 60 hours, no need to ask, full only');

describe('a cluster that does not answer', () => {
  const away = (): void => {
    world.cluster.beforeCall = () => {
      throw new TrexError('slurm_down', 'cluster', 'Slurm does not answer on this machine: no route.');
    };
    world.cluster.slots = async () => {
      throw new TrexError('slurm_down', 'cluster', 'Slurm does not answer on this machine: no route.');
    };
  };
  const back = (): void => {
    world.cluster.beforeCall = null;
    world.cluster.slots = async () => ({ total: 2, free: 2 });
  };

  test('for minutes is said once in the thread, and once when it is back', async () => {
    await begin();
    await world.step();
    away();
    await minutes(2);
    expect(said()).toEqual([]);
    expect(await readyz()).toMatchObject({
      status: 503,
      body: {
        ready: false,
        cluster: false,
        database: true,
        troubles: { cluster: expect.stringContaining('no route') },
      },
    });
    await minutes(10);
    expect(said()).toHaveLength(1);
    expect(said()[0]).toMatch(
      /^The cluster has not answered since .* UTC\. Slurm does not answer on this machine: no route\./,
    );
    // Another process takes over: it does not say it again.
    world.ctx.health = createHealth(world.clock);
    loop = openLoop();
    await minutes(10);
    expect(said()).toHaveLength(1);
    back();
    await minutes(2);
    expect(said()).toHaveLength(2);
    expect(said()[1]).toMatch(/^The cluster answers again, after \d+(\.\d)? min\. I go on\.$/);
    expect((await readyz()).status).toBe(200);
    await minutes(5);
    expect(said()).toHaveLength(2);
  });

  test('is asked while nothing runs there, and told to nobody whom it does not concern', async () => {
    away();
    await minutes(6);
    expect((await readyz()).status).toBe(503);
    expect(said()).toEqual([]);
    back();
    await minutes(2);
    expect((await readyz()).status).toBe(200);
  });
});

test('a disk that takes no more is said, in the thread and to the platform', async () => {
  await begin();
  const { dataDir } = world.ctx.settings;
  const blocked = join(dataDir, 'blocked');
  writeFileSync(blocked, '');
  world.ctx.settings.dataDir = join(blocked, 'data');
  expect(await readyz()).toMatchObject({ status: 503, body: { disk: false } });
  await minutes(5);
  expect(said()).toHaveLength(1);
  expect(said()[0]).toMatch(/^My disk has been in trouble since .*cannot be written/);
  rmSync(blocked);
  mkdirSync(join(blocked, 'data'), { recursive: true });
  await minutes(2);
  expect(said()[1]).toMatch(/^My disk has room again/);
  expect((await readyz()).status).toBe(200);
  world.ctx.settings.dataDir = dataDir;
});

test('a database that is away is said without it, once, and once when it is back', async () => {
  await begin();
  await minutes(1);
  const fails = (): never => {
    throw new DrizzleQueryError('insert', [], Object.assign(new Error('disk full'), { code: '53100' }));
  };
  world.ctx.db = new Proxy(database.db, {
    get: (target, name) =>
      ['select', 'insert', 'update', 'delete', 'execute', 'transaction'].includes(String(name))
        ? fails
        : Reflect.get(target, name, target),
  }) as Db;
  await minutes(2);
  expect(said()).toEqual([]);
  await minutes(8);
  expect(said()).toHaveLength(1);
  expect(said()[0]).toMatch(/^My database has not answered since .*The database cannot be used: disk full\./);
  expect(await readyz()).toMatchObject({ status: 503, body: { database: false } });
  world.ctx.db = database.db;
  await minutes(3);
  expect(said()).toHaveLength(2);
  expect(said()[1]).toMatch(/^My database answers again, after/);
  expect((await readyz()).status).toBe(200);
});
