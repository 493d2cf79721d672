import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadView } from '../../src/operations/view/load-view.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { ledgerTotals } from '../../src/store/ledger.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { emptyDatabase, openTestDatabase } from '../support/world/test-database.ts';

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let world: World;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyDatabase(database);
  world = createWorld(database.db, { slots: 1 });
});
afterEach(() => world.dispose());

test('a running time that cannot be is paid with what was set aside, said, and learned from by nobody', async () => {
  const poll = world.cluster.poll.bind(world.cluster);
  world.cluster.poll = async (keys) =>
    new Map(
      [...(await poll(keys))].map(([key, status]) => [
        key,
        key.includes('-n1-') && status.state === 'succeeded'
          ? { ...status, runSeconds: status.runSeconds + 3600 }
          : status,
      ]),
    );
  const id = await world.begin('teach upper, exact match, budget 20 minutes, no need to ask, full only');
  const view = () => loadView({ ctx: world.ctx, campaignId: id });
  await world.until('the first run', async () => (await view()).nodes[1]?.state === 'scored');
  const job = (await listJobs(database.db, id)).find(({ key }) => key.includes('-n1-'));
  const node = (await view()).nodes[1];
  expect(node?.cost.computeSeconds).toBe(job?.limitSeconds);
  expect((await ledgerTotals(database.db, id)).spent.computeSeconds).toBeLessThan(200);
  const said = world.chat.ofKind('problem').map(({ text }) => text);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(
    /^The cluster says that a run of #1 took 1 h, .* I count .*, and learn nothing from it\.$/,
  );
  // The next run is planned at the price that was known before.
  await world.until('the next run', async () =>
    (await listJobs(database.db, id)).some(({ key }) => key.includes('-n2-')),
  );
  const next = (await listJobs(database.db, id)).find(({ key }) => key.includes('-n2-'));
  expect(next?.limitSeconds).toBeLessThan(600);
});
