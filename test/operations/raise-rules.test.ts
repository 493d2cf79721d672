import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lookBackMs } from '../../src/campaign/approval-policy.ts';
import { changeBudget } from '../../src/operations/budget/change-budget.ts';
import { getCampaign, updateCampaign } from '../../src/store/campaigns.ts';
import { type Committed, listEvents } from '../../src/store/events.ts';
import { ledgerTotals } from '../../src/store/ledger.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { emptyDatabase } from '../support/world/test-database.ts';
import { useDatabase } from '../support/world/use-world.ts';

const database = useDatabase();
let world: World;

beforeEach(() => makeWorld());
afterEach(() => world.dispose());

async function makeWorld(settings: Partial<World['ctx']['settings']> = {}): Promise<void> {
  await emptyDatabase(database);
  world?.dispose();
  world = createWorld(database.db, { settings });
}

const lineOf = (computeSeconds: number) => ({ twoApproversAbove: { computeSeconds, usd: null } });
const hourMs = 3600_000;
const capOf = async (id: string): Promise<number> =>
  (await getCampaign(database.db, id)).brief?.budget.computeSeconds as number;
const change = (id: string, user: string, how: 'set' | 'add', computeSeconds: number): Promise<string> =>
  changeBudget({
    ctx: world.ctx,
    input: { campaignId: id, user, change: how, limit: { computeSeconds, usd: null } },
  });
const add = (id: string, user: string, seconds: number) => change(id, user, 'add', seconds);

/** A campaign of Ana that has been started under the rules in force. */
const begin = (budget = '10 minutes'): Promise<string> =>
  world.begin(`teach upper, exact match, budget ${budget}, no need to ask, full only`);

describe('raises below the line for two people', () => {
  test('add up within a day: a second person is needed once the sum passes it', async () => {
    await makeWorld(lineOf(60));
    const id = await begin();
    expect(await add(id, 'U1', 60)).toBe('Budget is now 11 min.');
    for (let i = 0; i < 19; i++) {
      expect(await add(id, 'U1', 60)).toContain('one more person');
      expect(await capOf(id)).toBe(660);
    }
    expect(await add(id, 'U2', 60)).toContain('Budget is now');
    expect(await capOf(id)).toBe(720);
  });

  test('say why when it is the sum that passes it', async () => {
    await makeWorld(lineOf(60));
    const id = await begin();
    await add(id, 'U1', 40);
    expect(await add(id, 'U1', 30)).toMatch(
      /^Your yes to 11\.2 min counts\. With what one person alone has added in the last 24 hours, 40 s, it is so much more that one more person/,
    );
  });

  test('of several people one after the other in one campaign add up as well', async () => {
    await makeWorld(lineOf(60));
    const id = await begin();
    await add(id, 'U1', 40);
    expect(await add(id, 'U2', 40)).toContain('one more person');
    expect(await capOf(id)).toBe(640);
  });

  test('what two people decided together counts for neither of them', async () => {
    await makeWorld(lineOf(60));
    const id = await begin();
    await add(id, 'U1', 300);
    await add(id, 'U2', 300);
    expect(await capOf(id)).toBe(900);
    expect(await add(id, 'U1', 60)).toBe('Budget is now 16 min.');
  });

  test('a day later they count no more; a lowering takes nothing off the sum', async () => {
    await makeWorld(lineOf(60));
    const id = await begin();
    await add(id, 'U1', 60);
    await change(id, 'U1', 'set', 600);
    expect(await add(id, 'U1', 60)).toContain('one more person');
    world.clock.advance(lookBackMs);
    expect(await add(id, 'U1', 60)).toBe('Budget is now 11 min.');
  });

  test('Starts that one person decided alone count with them, in whichever campaign', async () => {
    await makeWorld(lineOf(60));
    const id = await begin('50 seconds');
    expect(await add(id, 'U1', 20)).toContain('one more person');
    world.clock.advance(5000);
    await world.say('teach upper, exact match, budget 40 seconds, no need to ask, title: another');
    await world.until('a second brief', () => world.chat.ofKind('brief').some((c) => c.campaignId !== id), 5);
    const other = world.chat.ofKind('brief').find((c) => c.campaignId !== id)?.campaignId as string;
    await world.bot.start({ campaignId: other, user: 'U1' });
    expect((await getCampaign(database.db, other)).state).toBe('ready');
    await world.step();
    const request = world.chat.last('start_request')?.content;
    if (request?.kind !== 'start_request') throw new Error('nobody was asked');
    await world.bot.decideStart({
      ...{ campaignId: other, request: request.questionId },
      ...{ decision: 'approve', user: 'U2' },
    });
    expect((await getCampaign(database.db, other)).state).toBe('searching');
  });

  test('whatever the sequence of one person, no day moves more than the line', async () => {
    const line = 60;
    await makeWorld(lineOf(line));
    const id = await begin();
    const step = fc.record({
      afterMs: fc.oneof(fc.nat({ max: hourMs }), fc.nat({ max: 30 * hourMs })),
      how: fc.constantFrom('add' as const, 'set' as const),
      seconds: fc.integer({ min: 1, max: 90 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async (steps) => {
        world.clock.advance(2 * lookBackMs);
        const from = world.clock.now();
        for (const { afterMs, how, seconds } of steps) {
          world.clock.advance(afterMs);
          const wanted = how === 'add' ? seconds : (await capOf(id)) + seconds - 30;
          if (wanted >= 1) await change(id, 'U1', how, wanted);
        }
        const alone = (await listEvents(database.db, id)).flatMap(({ name, at, data }) => {
          const { commits, decidedBy } = data as unknown as Committed;
          return name === 'budget.changed' && at >= from && decidedBy.length === 1
            ? [{ at: at.getTime(), seconds: commits.computeSeconds }]
            : [];
        });
        for (const { at } of alone) {
          const within = alone.filter((one) => one.at <= at && one.at > at - lookBackMs);
          expect(within.reduce((sum, one) => sum + one.seconds, 0)).toBeLessThanOrEqual(line);
        }
      }),
      { numRuns: 12 },
    );
  });
});

describe('a lowering', () => {
  test('is for the requester and the approvers', async () => {
    await makeWorld({ approvers: ['U2'] });
    const id = await begin();
    expect(await change(id, 'U3', 'set', 300)).toMatch(
      /^You may not lower this budget: it is a request of Ana\. Ana or Ben can\./,
    );
    expect(await capOf(id)).toBe(600);
    for (const [user, seconds] of [
      ['U1', 500],
      ['U2', 400],
    ] as const) {
      await change(id, user, 'set', seconds);
      expect(await capOf(id)).toBe(seconds);
    }
  });

  test.each([1e-7, 0.99])('to %d s is no budget, and is told so', async (seconds) => {
    const id = await begin();
    expect(await change(id, 'U1', 'set', seconds)).toContain('To end the campaign, write `stop`.');
    expect(await capOf(id)).toBe(600);
  });

  test('below what is spent or held says so, and starts nothing new', async () => {
    const id = await begin();
    await world.until('a training run', () => world.cluster.runs.size > 1);
    const { spent, reserved } = await ledgerTotals(database.db, id);
    const used = spent.computeSeconds + reserved.computeSeconds;
    expect(used).toBeGreaterThan(2);
    expect(await change(id, 'U1', 'set', 2)).toMatch(
      /^Budget is now 2 s\. .* are spent or held already: nothing new starts, and what runs goes on to its end\.$/,
    );
    const runs = world.cluster.runs.size;
    for (let i = 0; i < 20; i++) await world.step();
    expect(world.cluster.runs.size).toBe(runs);
  });

  test('in one unit does not hide a raise in the other', async () => {
    await makeWorld({ usdPerHour: 36, approvers: ['U2'] });
    const id = await begin();
    const { brief } = await getCampaign(database.db, id);
    if (brief === null) throw new Error('no brief');
    await updateCampaign(database.db, id, { brief: { ...brief, budget: { computeSeconds: 600, usd: 1 } } });
    const limit = { computeSeconds: 300, usd: 500 };
    const input = { campaignId: id, user: 'U1', change: 'set' as const, limit };
    expect(await changeBudget({ ctx: world.ctx, input })).toMatch(/^You may not decide about money here/);
    expect((await getCampaign(database.db, id)).brief?.budget).toEqual({ computeSeconds: 600, usd: 1 });
  });
});
