import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lookBackMs } from '../../src/campaign/approval-policy.ts';
import { decideApproval } from '../../src/operations/approvals/decide-approval.ts';
import { changeBudget } from '../../src/operations/budget/change-budget.ts';
import { decideStart } from '../../src/operations/start/decide-start.ts';
import { startCampaign } from '../../src/operations/start/start-campaign.ts';
import { getCampaign, lockCampaign } from '../../src/store/campaigns.ts';
import { type Database, rows } from '../../src/store/db.ts';
import { recordEvent } from '../../src/store/events.ts';
import { acquireLease, fencedDb, LeaseLost } from '../../src/store/leases.ts';
import { ledgerTotals, reserve } from '../../src/store/ledger.ts';
import { openPostgres } from '../../src/store/open-postgres.ts';
import { claimOutbox, endOutboxAttempt, enqueue } from '../../src/store/outbox.ts';
import { approval, event, lease, node } from '../../src/store/schema.ts';
import { givenPostgres } from '../support/postgres.ts';
import { createWorld } from '../support/world/create-world.ts';
import { emptyDatabase } from '../support/world/test-database.ts';

/** Two instances: connections of their own to one database, so that they really wait for each other. */
let one: Database;
let other: Database;
let url: string;

beforeAll(async () => {
  url = await givenPostgres().create();
  [one, other] = await Promise.all([openPostgres(url), openPostgres(url)]);
});
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await givenPostgres().drop(url);
});
beforeEach(() => emptyDatabase(one));

const now = new Date('2026-03-02T08:00:00Z');
const write = (name: string) => ({ campaignId: null, name, actor: 'test', at: now });

describe('a lease that two connections ask for at once', () => {
  test('goes to exactly one of them, every time', async () => {
    for (let round = 0; round < 50; round++) {
      const asked = await Promise.all(
        [one, other].map(({ db }, i) => acquireLease(db, `free:${round}`, `owner-${i}`, 10_000)),
      );
      expect(asked.filter((held) => held !== null)).toHaveLength(1);
    }
  });

  test('that has run out goes to exactly one of them, with the next token', async () => {
    for (let round = 0; round < 50; round++) {
      await acquireLease(one.db, `old:${round}`, 'dead', 10_000);
      await one.db.update(lease).set({ until: sql`clock_timestamp() - interval '1 second'` });
      const asked = await Promise.all(
        [one, other].map(({ db }, i) => acquireLease(db, `old:${round}`, `owner-${i}`, 10_000)),
      );
      expect(asked.flatMap((held) => (held === null ? [] : [held.token]))).toEqual([2]);
    }
  });

  test('cannot be taken from a transaction that has proven it, and fences the next one', async () => {
    const held = await acquireLease(one.db, 'x', 'slow', 300);
    if (held === null) throw new Error('no lease');
    const fenced = fencedDb(one.db, held);
    let taken: Promise<unknown> = Promise.resolve();
    const order: string[] = [];
    await fenced.transaction(async (tx) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      // It has run out by now; who comes waits for the end of what was begun under it.
      taken = acquireLease(other.db, 'x', 'next', 10_000).then((next) => order.push(`taken ${next?.token}`));
      await new Promise((resolve) => setTimeout(resolve, 200));
      await recordEvent(tx, write('test.begun_in_time'));
      order.push('written');
    });
    await taken;
    expect(order).toEqual(['written', 'taken 2']);
    await expect(fenced.transaction((tx) => recordEvent(tx, write('test.too_late')))).rejects.toThrow(
      LeaseLost,
    );
    expect((await one.db.select().from(event)).map((e) => e.name)).toEqual(['test.begun_in_time']);
  });
});

describe('the outbox, emptied by two connections at once', () => {
  test('gives every row to one of them, once', async () => {
    const rowsOfEach = 40;
    for (let channel = 0; channel < 5; channel++) {
      for (let n = 0; n < rowsOfEach; n++) {
        const message = { key: `k${channel}-${n}`, campaignId: null, channel: `C${channel}`, threadTs: null };
        await enqueue(one.db, { ...message, payload: { kind: 'text', text: `${n}` }, at: now });
      }
    }
    const sent: { key: string; channel: string; id: number }[] = [];
    const work = async ({ db }: Database): Promise<void> => {
      for (let empty = 0; empty < 5; ) {
        const claimed = await claimOutbox(db, { now, leaseMs: 60_000, limit: 8, busyChannels: [] });
        empty = claimed.length === 0 ? empty + 1 : 0;
        for (const row of claimed) {
          sent.push(row);
          expect(await endOutboxAttempt(db, row, { state: 'sent' })).toBe(true);
        }
      }
    };
    await Promise.all([work(one), work(other)]);
    expect(new Set(sent.map((row) => row.key)).size).toBe(sent.length);
    expect(sent).toHaveLength(5 * rowsOfEach);
    // And in the order of writing within a channel.
    for (let channel = 0; channel < 5; channel++) {
      const ids = sent.filter((row) => row.channel === `C${channel}`).map((row) => row.id);
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
    }
  });
});

describe('money that two connections reserve at once', () => {
  test('never goes over the cap', async () => {
    const world = createWorld(one.db);
    const campaignId = await world.begin();
    world.dispose();
    const limit = { computeSeconds: 100, usd: null };
    const ask = ({ db }: Database, key: string): Promise<boolean> =>
      db.transaction(async (tx) => {
        await lockCampaign(tx, campaignId);
        const ceiling = { computeSeconds: 15, usd: 0 };
        return reserve(tx, limit, { key, campaignId, trialId: null, purpose: 'compute', ceiling, at: now });
      });
    const asked = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask(i % 2 === 0 ? one : other, `r${i}`)),
    );
    expect(asked.filter(Boolean)).toHaveLength(6);
    expect((await ledgerTotals(one.db, campaignId)).reserved.computeSeconds).toBe(90);
  });
});

describe('a start that takes two people, pressed through two instances at once', () => {
  test('begins once, and not before two of them have approved', async () => {
    const settings = { twoApproversAbove: { computeSeconds: 3, usd: null } };
    for (let time = 0; time < 5; time++) {
      await emptyDatabase(one);
      const world = createWorld(one.db, { settings });
      try {
        await world.say('teach upper, exact match, budget 1000 hours, no need to ask');
        await world.until('a brief card', () => world.chat.last('brief') !== undefined, 5);
        const campaignId = world.chat.ofKind('brief')[0]?.campaignId as string;
        const press = ({ db }: Database, user: string) =>
          startCampaign({ ctx: { ...world.ctx, db }, input: { campaignId, user } });
        await Promise.all([press(one, 'U1'), press(other, 'U1')]);
        expect((await getCampaign(one.db, campaignId)).state).toBe('ready');
        await world.step();
        const request = world.chat.ofKind('start_request')[0]?.questionId as string;
        const approve = ({ db }: Database, user: string) =>
          decideStart({
            ctx: { ...world.ctx, db },
            input: { campaignId, request, decision: 'approve', user },
          });
        await Promise.all([approve(one, 'U2'), approve(other, 'U3'), approve(one, 'U4')]);
        const started = await one.db.select().from(event).where(sql`${event.name} = 'campaign.started'`);
        expect(started).toHaveLength(1);
        expect(started[0]?.data.decidedBy).toHaveLength(2);
      } finally {
        world.dispose();
      }
    }
  });
});

describe('raises of one person in two campaigns, through two instances at once', () => {
  test('add up as if they had followed each other', async () => {
    const settings = { twoApproversAbove: { computeSeconds: 60, usd: null } };
    const world = createWorld(one.db, { settings });
    try {
      const first = await world.begin('teach upper, exact match, budget 10 minutes, no need to ask');
      world.clock.advance(5000);
      await world.say('teach upper, exact match, budget 10 minutes, no need to ask, title: the second');
      await world.until('its brief', () => world.chat.ofKind('brief').some((c) => c.campaignId !== first), 5);
      const second = world.chat.ofKind('brief').find((c) => c.campaignId !== first)?.campaignId as string;
      await world.start(second);
      const budgetOf = async (id: string): Promise<number> =>
        (await getCampaign(one.db, id)).brief?.budget.computeSeconds ?? 0;
      for (let time = 1; time <= 5; time++) {
        world.clock.advance(lookBackMs);
        const before = (await budgetOf(first)) + (await budgetOf(second));
        const add = ({ db }: Database, campaignId: string) =>
          changeBudget({
            ctx: { ...world.ctx, db },
            input: { campaignId, user: 'U1', change: 'add', limit: { computeSeconds: 40, usd: null } },
          });
        await Promise.all([add(one, first), add(other, second)]);
        expect((await budgetOf(first)) + (await budgetOf(second)) - before).toBe(40);
      }
    } finally {
      world.dispose();
    }
  });
});

describe('one approval, pressed through two instances at once', () => {
  test('is decided once, and launches its runs once', async () => {
    const world = createWorld(one.db, { slots: 1 });
    try {
      const id = await world.begin('teach upper, budget 30 minutes, ask me every time, one at a time');
      await world.until('a card', () => world.chat.last('approval') !== undefined);
      const [card] = await one.db.select().from(approval);
      const approvalId = card?.id as string;
      const press = (db: Database, user: string, decision: 'approve' | 'reject') =>
        decideApproval({ ctx: { ...world.ctx, db: db.db }, input: { approvalId, decision, user } });
      await Promise.all([
        press(one, 'U1', 'approve'),
        press(other, 'U2', 'approve'),
        press(one, 'U3', 'reject'),
        press(other, 'U4', 'approve'),
      ]);
      const events = await rows<{ n: number }>(
        one.db,
        sql`select count(*)::int as n from ${event} where name in ('approval.approved', 'approval.rejected')`,
      );
      expect(events[0]?.n).toBe(1);
      const [after] = await one.db.select().from(approval).where(sql`${approval.id} = ${approvalId}`);
      const [round] = await one.db.select().from(node).where(sql`${node.id} = ${after?.nodeId}`);
      expect(round?.state).toBe(after?.state === 'approved' ? 'running' : 'withdrawn');
      expect((await getCampaign(one.db, id)).state).toBe('searching');
    } finally {
      world.dispose();
    }
  });
});
