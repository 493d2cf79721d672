import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Brief, Cost, CostLimit } from '../../src/campaign/brief.ts';
import { isActiveCampaign } from '../../src/campaign/states.ts';
import { changeBudget } from '../../src/operations/budget/change-budget.ts';
import { stopCampaign } from '../../src/operations/control/control-campaign.ts';
import { listApprovals } from '../../src/store/approvals.ts';
import { getCampaign, insertCampaign, lockCampaign, updateCampaign } from '../../src/store/campaigns.ts';
import { insertJob, listJobs } from '../../src/store/jobs.ts';
import { budgetLeft, ledgerTotals, reserve, settle } from '../../src/store/ledger.ts';
import { reservation } from '../../src/store/schema.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { emptyDatabase } from '../support/world/test-database.ts';
import { useDatabase } from '../support/world/use-world.ts';

const database = useDatabase();

const at = new Date('2026-03-02T08:00:00Z');
const cost = (computeSeconds: number, usd = 0): Cost => ({ computeSeconds, usd });

async function makeCampaign(id: string, budget: CostLimit): Promise<void> {
  await insertCampaign(database.db, {
    ...{ id, teamId: 'T1', channel: 'C1', threadTs: id, createdBy: 'U1', timeZone: 'UTC', createdAt: at },
    state: 'searching',
    brief: { budget } as Brief,
    steering: { bannedMethods: [], bannedStrategies: [], focus: [] },
  });
}

/** What every worker does to hold money: under the lock, by the cap of that moment. */
const hold = (campaignId: string, key: string, ceiling: Cost): Promise<boolean | 'ended'> =>
  database.db.transaction(async (tx) => {
    const { brief, state } = await lockCampaign(tx, campaignId);
    if (!isActiveCampaign(state)) return 'ended';
    const { budget } = brief as Brief;
    const held = await reserve(tx, budget, {
      key,
      campaignId,
      trialId: null,
      purpose: 'compute',
      ceiling,
      at,
    });
    if (held) {
      // A job that cost more than its ceiling may be settled at this very moment; that is nobody's reservation.
      const rows = await tx.select().from(reservation).where(eq(reservation.campaignId, campaignId));
      const sum = (of: (row: (typeof rows)[number]) => number): number =>
        rows.reduce((all, row) => all + of(row), 0);
      const isHeld = (row: (typeof rows)[number]): boolean => row.state === 'held';
      const seconds = sum((r) => (isHeld(r) ? r.ceilingSeconds : Math.min(r.spentSeconds, r.ceilingSeconds)));
      const usd = sum((r) => (isHeld(r) ? r.ceilingUsd : Math.min(r.spentUsd, r.ceilingUsd)));
      if (budget.computeSeconds !== null) expect(seconds).toBeLessThanOrEqual(budget.computeSeconds);
      if (budget.usd !== null) expect(usd).toBeLessThanOrEqual(budget.usd);
    }
    return held;
  });

// Quarters add up without rounding, so that sums can be compared exactly.
const quarter = (most: number) => fc.integer({ min: 0, max: most * 4 }).map((n) => n / 4);
const amount = fc.record({ computeSeconds: quarter(20), usd: quarter(5) });
type Step =
  | { kind: 'reserve'; ceiling: Cost }
  | { kind: 'settle'; which: number; spent: Cost; times: number }
  | { kind: 'release'; which: number }
  | { kind: 'budget'; budget: CostLimit }
  | { kind: 'stop' };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('reserve' as const), ceiling: amount }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      which: fc.nat(30),
      spent: amount,
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), which: fc.nat(30) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('budget' as const),
      budget: fc.record({
        computeSeconds: fc.option(
          quarter(80).map((n) => n + 1),
          { freq: 4 },
        ),
        usd: fc.option(
          quarter(20).map((n) => n + 1),
          { freq: 2 },
        ),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'stop' as const }) },
);

describe('the ledger, whatever several workers do at once', () => {
  test('holds to the cap in force, settles once, gives back exactly', { timeout: 120_000 }, async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { maxLength: 12 }), { minLength: 2, maxLength: 4 }),
        fc.scheduler(),
        async (workers, scheduler) => {
          const id = `c-${++run}`;
          await makeCampaign(id, { computeSeconds: 40, usd: 10 });
          // What the books should say, kept apart from the database.
          const books = new Map<string, { ceiling: Cost; spent: Cost | null }>();
          let keys = 0;
          const settleOnce = async (which: number, spent: Cost, times: number): Promise<void> => {
            const key = [...books.keys()][which % Math.max(1, books.size)];
            if (key === undefined) return;
            const open = books.get(key)?.spent === null;
            const won = await Promise.all(
              Array.from({ length: times }, () => settle(database.db, key, spent, at)),
            );
            const wins = won.filter(Boolean).length;
            expect(wins).toBeLessThanOrEqual(1);
            if (wins === 1) {
              expect(open).toBe(true);
              books.set(key, { ceiling: books.get(key)?.ceiling as Cost, spent });
            }
          };
          const act = async (one: Step): Promise<void> => {
            switch (one.kind) {
              case 'reserve': {
                const key = `${id}-${++keys}`;
                const held = await hold(id, key, one.ceiling);
                if (held === true) books.set(key, { ceiling: one.ceiling, spent: null });
                return;
              }
              case 'settle':
                return settleOnce(one.which, one.spent, one.times);
              case 'release':
                return settleOnce(one.which, cost(0), 1);
              case 'budget':
                return database.db.transaction(async (tx) => {
                  await lockCampaign(tx, id);
                  await updateCampaign(tx, id, { brief: { budget: one.budget } as Brief });
                });
              case 'stop':
                return updateCampaign(database.db, id, { state: 'stopped' });
            }
          };
          const work = async (steps: Step[]): Promise<void> => {
            for (const one of steps)
              await scheduler.schedule(Promise.resolve(), one.kind).then(() => act(one));
          };
          await scheduler.waitFor(Promise.all(workers.map(work)));

          const sum = (pick: (b: { ceiling: Cost; spent: Cost | null }) => Cost | null): Cost =>
            [...books.values()].reduce((total, book) => {
              const part = pick(book) ?? cost(0);
              return cost(total.computeSeconds + part.computeSeconds, total.usd + part.usd);
            }, cost(0));
          expect(await ledgerTotals(database.db, id)).toEqual({
            spent: sum((b) => b.spent),
            reserved: sum((b) => (b.spent === null ? b.ceiling : null)),
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  test('nothing is held after the stop, and what was refused left nothing behind', async () => {
    await makeCampaign('c-1', { computeSeconds: 10, usd: null });
    const answers = await Promise.all([6, 6, 6].map((n, i) => hold('c-1', `k-${i}`, cost(n))));
    // On one connection it is the first; on several, whoever reaches the lock.
    expect(answers.filter((held) => held === true)).toHaveLength(1);
    expect(answers.filter((held) => held === false)).toHaveLength(2);
    expect((await ledgerTotals(database.db, 'c-1')).reserved).toEqual(cost(6));
    await updateCampaign(database.db, 'c-1', { state: 'stopped' });
    expect(await hold('c-1', 'k-late', cost(1))).toBe('ended');
  });

  test('a release gives back exactly what was held', async () => {
    await makeCampaign('c-1', { computeSeconds: 10, usd: 3 });
    await hold('c-1', 'a', cost(1.25, 0.5));
    const before = await ledgerTotals(database.db, 'c-1');
    await hold('c-1', 'b', cost(8.75, 2.5));
    expect(budgetLeft({ computeSeconds: 10, usd: 3 }, await ledgerTotals(database.db, 'c-1'))).toEqual(
      cost(0),
    );
    expect(await settle(database.db, 'b', cost(0), at)).toBe(true);
    expect(await settle(database.db, 'b', cost(5, 1), at)).toBe(false);
    expect(await ledgerTotals(database.db, 'c-1')).toEqual(before);
  });

  test('a key is held once', async () => {
    await makeCampaign('c-1', { computeSeconds: 100, usd: null });
    const answers = await Promise.allSettled([hold('c-1', 'k', cost(1)), hold('c-1', 'k', cost(1))]);
    expect(answers.map((a) => a.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await ledgerTotals(database.db, 'c-1')).reserved).toEqual(cost(1));
  });
});

describe('in a running bot', () => {
  let world: World;

  /** Every job has its money; what is held is what is open; the cap holds. `cap` is the highest that was ever in force. */
  async function expectSound(id: string, cap: number): Promise<void> {
    const held = await database.db.select().from(reservation).where(eq(reservation.campaignId, id));
    const jobs = await listJobs(database.db, id);
    expect(jobs.map((j) => j.key).sort()).toEqual(held.map((r) => r.key).sort());
    for (const job of jobs) {
      const money = held.find((r) => r.key === job.key);
      expect(money?.ceilingSeconds).toBeCloseTo(job.limitSeconds, 9);
      expect(money?.state).toBe(job.state === 'harvested' ? 'settled' : 'held');
      if (job.state === 'harvested') expect(money?.spentSeconds).toBeCloseTo(job.runSeconds, 9);
    }
    for (const key of world.cluster.runs.keys()) expect(held.some((r) => r.key === key)).toBe(true);
    const { spent, reserved } = await ledgerTotals(database.db, id);
    expect(spent.computeSeconds + reserved.computeSeconds).toBeLessThanOrEqual(cap + 1e-6);
  }

  test('nothing is submitted that was not reserved, whatever people and machines do', {
    timeout: 240_000,
  }, async () => {
    const action = fc.constantFrom(
      'step',
      'step',
      'step',
      'step',
      'yes',
      'no',
      'more',
      'lose',
      'kill',
      'late stop',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 60 }), async (actions) => {
        await emptyDatabase(database);
        world = createWorld(database.db);
        const id = await world.begin('teach upper, budget 2 minutes, ask me above 8 seconds a branch');
        let cap = 120;
        for (const [i, what] of actions.entries()) {
          const [card] = (await listApprovals(database.db, id)).filter((a) => a.state === 'pending');
          const running = [...world.cluster.runs.keys()].at(-1);
          if ((what === 'yes' || what === 'no') && card !== undefined) {
            const decision = what === 'yes' ? 'approve' : 'reject';
            // At once with a pass of the scheduler.
            await Promise.all([
              world.step(),
              world.bot.decide({ approvalId: card.id, decision, user: 'U1' }),
            ]);
          } else if (what === 'more') {
            const limit = { computeSeconds: 30, usd: null };
            await changeBudget({
              ctx: world.ctx,
              input: { campaignId: id, user: 'U1', change: 'add', limit },
            });
            cap = (await getCampaign(database.db, id)).brief?.budget.computeSeconds as number;
          } else if (what === 'late stop' && i > 40) {
            await Promise.all([
              world.step(),
              stopCampaign({ ctx: world.ctx, input: { campaignId: id, user: 'U1' } }),
            ]);
          } else if ((what === 'lose' || what === 'kill') && running !== undefined) {
            world.cluster.end(running, what === 'lose' ? 'lost' : 'failed');
          } else await world.step();
          await expectSound(id, cap);
        }
        world.dispose();
      }),
      { numRuns: 6 },
    );
  });

  test('a job without money cannot even be written down', async () => {
    world = createWorld(database.db);
    const id = await world.begin();
    await world.step();
    const [job] = await listJobs(database.db, id);
    if (job === undefined) throw new Error('no job');
    const intruder = { ...job, key: `${job.key}-x`, attempt: 9, state: 'intent' as const };
    await expect(insertJob(database.db, intruder)).rejects.toThrow();
    world.dispose();
  });

  /** More runs at a time than there is room for, so that jobs wait on the cluster. */
  async function beginCrowded(): Promise<string> {
    const id = await world.begin('teach upper, budget 10 minutes, no need to ask');
    const brief = (await getCampaign(database.db, id)).brief as Brief;
    await updateCampaign(database.db, id, { brief: { ...brief, parallel: 4 } });
    return id;
  }

  test('time in the queue is not spend', async () => {
    world = createWorld(database.db, { slots: 1 });
    const id = await beginCrowded();
    await world.until(
      'a queue',
      async () => (await listJobs(database.db, id)).filter((j) => j.state === 'live').length > 1,
    );
    const started = world.clock.now().getTime();
    const spentBefore = (await ledgerTotals(database.db, id)).spent.computeSeconds;
    await world.until(
      'one that waited for long',
      async () => (await listJobs(database.db, id)).filter((j) => j.state === 'harvested').length > 2,
    );
    const wall = (world.clock.now().getTime() - started) / 1000;
    const jobs = (await listJobs(database.db, id)).filter(
      (j) => j.state === 'harvested' && j.submittedAt !== null,
    );
    const inSystem = jobs.reduce(
      (sum, j) => sum + ((j.endedAt as Date).getTime() - (j.submittedAt as Date).getTime()) / 1000,
      0,
    );
    const { spent } = await ledgerTotals(database.db, id);
    // One slot cannot work longer than the clock, while jobs were waiting in it for much longer.
    expect(spent.computeSeconds - spentBefore).toBeLessThanOrEqual(wall + 2);
    expect(inSystem).toBeGreaterThan(spent.computeSeconds * 1.3);
    world.dispose();
  });

  test('what is stopped while it waits in the queue costs nothing', async () => {
    world = createWorld(database.db, { slots: 1 });
    const id = await beginCrowded();
    await world.until(
      'a queue',
      async () => (await listJobs(database.db, id)).filter((j) => j.state === 'live').length > 1,
    );
    const live = (await listJobs(database.db, id)).filter((j) => j.state === 'live');
    await stopCampaign({ ctx: world.ctx, input: { campaignId: id, user: 'U1' } });
    await world.step();
    await world.step();
    const queued = (await listJobs(database.db, id)).filter((j) =>
      live.slice(1).some((l) => l.key === j.key),
    );
    expect(queued.map((j) => [j.state, j.runSeconds])).toEqual(queued.map(() => ['harvested', 0]));
    expect((await ledgerTotals(database.db, id)).reserved).toEqual(cost(0));
    world.dispose();
  });
});
