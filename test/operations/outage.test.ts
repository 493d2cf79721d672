import { DrizzleQueryError } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../src/operations/context.ts';
import { harvestJobs } from '../../src/operations/jobs/harvest-jobs.ts';
import { pollJobs } from '../../src/operations/jobs/poll-jobs.ts';
import { submitJobs } from '../../src/operations/jobs/submit-jobs.ts';
import { advanceCampaign } from '../../src/operations/tree/advance-campaign.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { type Db, isDatabaseOutage } from '../../src/store/db.ts';
import { createWorld } from '../support/world/create-world.ts';
import { emptyDatabase } from '../support/world/test-database.ts';
import { useDatabase } from '../support/world/use-world.ts';

const database = useDatabase();

const administratorStops = (): Error =>
  new DrizzleQueryError(
    'select 1',
    [],
    Object.assign(new Error('terminating connection'), { code: '57P01' }),
  );

/** A database whose statement number `failAt.number`, counted from the last time it was set, fails. */
function failingDatabase(db: Db, failAt: { number: number }): Db {
  const statements = new Set<string | symbol>([
    'select',
    'insert',
    'update',
    'delete',
    'execute',
    'transaction',
  ]);
  return new Proxy(db, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (statements.has(name) && --failAt.number === 0) throw administratorStops();
        return (value as (...all: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}

/** A whole campaign, in which every statement of every pass fails once before it is let through when that is asked for. */
async function play(fails: boolean) {
  await emptyDatabase(database);
  const world = createWorld(database.db, { slots: 1 });
  onTestFinished(() => world.dispose());
  const { ctx } = world;
  const id = await world.begin('teach upper, exact match, budget 5 minutes, no need to ask, full only');
  const failAt = { number: 0 };
  // The proof of the lease is a statement as well.
  ctx.confirmLease = async () => {
    if (--failAt.number === 0) throw administratorStops();
  };
  ctx.db = fails ? failingDatabase(database.db, failAt) : database.db;
  const passes = [
    () => submitJobs({ ctx }),
    () => pollJobs({ ctx }),
    () => harvestJobs({ ctx }),
    () => advanceCampaign({ ctx, campaignId: id }),
  ];
  let failures = 0;
  for (let step = 0; step < 400; step++) {
    for (const pass of passes) {
      for (let number = 1; fails; number++) {
        failAt.number = number;
        const error = await pass().then(
          () => null,
          (reason: unknown) => reason,
        );
        if (failAt.number > 0) break;
        failures++;
        expect(error === null || isDatabaseOutage(error), String(error)).toBe(true);
      }
      failAt.number = 0;
      await pass();
    }
    world.clock.advance(10_000);
    const { state } = await getCampaign(database.db, id);
    if (state === 'finished' || state === 'failed') {
      ctx.db = database.db;
      return { state, failures, tree: await treeOf(ctx, id) };
    }
    expect(await getCampaign(database.db, id)).toMatchObject({ paused: false, heldBecause: null });
  }
  throw new Error('not after 400 steps');
}

async function treeOf(ctx: Context, campaignId: string) {
  const { nodes } = await loadView({ ctx, campaignId });
  return nodes.map(({ number, state, title, score, diagnosis }) => ({
    number,
    state,
    title,
    score,
    diagnosis,
  }));
}

test('a database that fails at any statement changes nothing about the search, and nobody has to say resume', async () => {
  const calm = await play(false);
  const disturbed = await play(true);
  expect(disturbed.failures).toBeGreaterThan(100);
  expect(disturbed.tree).toEqual(calm.tree);
  expect(disturbed.state).toBe('finished');
});

test('a statement that is wrong is no outage: doing it again would fail again', () => {
  const wrong = Object.assign(new Error('column "x" does not exist'), { code: '42703' });
  expect(isDatabaseOutage(new DrizzleQueryError('select x', [], wrong))).toBe(false);
  expect(isDatabaseOutage(administratorStops())).toBe(true);
});
