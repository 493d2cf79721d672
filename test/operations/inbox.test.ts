import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { BadInputError } from '../../src/lib/errors.ts';
import { silentLog } from '../../src/lib/log.ts';
import { consumeClick } from '../../src/operations/inbox/consume-click.ts';
import {
  createInboxWork,
  type Delivery,
  type HandleEvent,
  handleInbox,
  type InboxWork,
  settleInbox,
} from '../../src/operations/inbox/handle-inbox.ts';
import { pruneInbox } from '../../src/operations/inbox/prune-inbox.ts';
import { createEventStore, type StoreEvent } from '../../src/operations/inbox/store-event.ts';
import { createInboxLoop } from '../../src/scheduler/inbox-loop.ts';
import { createSlack } from '../../src/slack/create-slack.ts';
import type { Db } from '../../src/store/db.ts';
import { claimInbox, countInbox, findInbox, releaseInbox } from '../../src/store/inbox.ts';
import { createFakeBot } from '../slack/fake-bot.ts';
import { startSlackDouble } from '../slack/slack-double.ts';
import { until } from '../support/until.ts';
import { createWorld } from '../support/world/create-world.ts';
import { createFakeClock, type FakeClock } from '../support/world/fake-clock.ts';
import { emptyDatabase } from '../support/world/test-database.ts';
import { useDatabase } from '../support/world/use-world.ts';

const database = useDatabase();
let clock: FakeClock;
let ctx: { db: Db; clock: FakeClock; log: typeof silentLog };
let work: InboxWork;
let store: StoreEvent;
let handled: string[];
let handle: HandleEvent;

beforeEach(async () => {
  clock = createFakeClock();
  ctx = { db: database.db, clock, log: silentLog };
  work = createInboxWork(ctx);
  store = createEventStore(ctx, () => {});
  handled = [];
  handle = async (payload) => {
    handled.push(payload);
  };
});

/** An event `name`, said at `ts` in a thread of its own unless told. */
const put = (name: string, ts = '100.000001', thread = `T1:C1:${name}`) =>
  store({ key: `T1:${name}`, thread, ts, payload: name });
const pass = (): Promise<number> => handleInbox({ ctx, work, handle: (...args) => handle(...args) });
/** Passes until nothing is due any more. */
const workOff = async (): Promise<void> => {
  while ((await pass()) > 0) await settleInbox(work);
};
const gate = (): { opened: Promise<void>; open: () => void } => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
};

describe('what comes in', () => {
  test('is handled once, however often and however close together it is delivered', async () => {
    const outcomes = await Promise.all(['Ev1', 'Ev1', 'Ev2', 'Ev1'].map((name) => put(name)));
    expect(outcomes).toEqual(['stored', 'duplicate', 'stored', 'duplicate']);
    await workOff();
    expect(await put('Ev1')).toBe('duplicate');
    await workOff();
    expect(handled.sort()).toEqual(['Ev1', 'Ev2']);
    expect((await findInbox(ctx.db, 'T1:Ev1'))?.state).toBe('done');
  });

  test('of one thread is handled in the order it was said, one at a time, and beside other threads', async () => {
    let most = 0;
    const running = new Map<string, number>();
    handle = async (payload) => {
      const thread = payload.slice(0, 1);
      running.set(thread, (running.get(thread) ?? 0) + 1);
      most = Math.max(most, running.get(thread) ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running.set(thread, (running.get(thread) ?? 0) - 1);
      handled.push(payload);
    };
    for (const name of ['a3', 'b1', 'a1', 'a2', 'b2']) {
      await put(name, `100.00000${name.slice(1)}`, `T1:C1:${name.slice(0, 1)}`);
    }
    expect(await pass()).toBe(2);
    await settleInbox(work);
    await workOff();
    expect(handled.filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(handled.filter((name) => name.startsWith('b'))).toEqual(['b1', 'b2']);
    expect(most).toBe(1);
  });

  test('said earlier but delivered later waits for what its thread is doing, and is handled', async () => {
    const slow = gate();
    handle = async (payload) => {
      if (payload === 'later') await slow.opened;
      handled.push(payload);
    };
    await put('later', '100.000002', 'T1:C1:a');
    await pass();
    await put('earlier', '100.000001', 'T1:C1:a');
    expect(await pass()).toBe(0);
    slow.open();
    await settleInbox(work);
    await workOff();
    expect(handled).toEqual(['later', 'earlier']);
  });

  test('at most sixteen at a time; more are taken when half of them have ended', async () => {
    const slow = gate();
    const slower = gate();
    handle = (payload) => (Number(payload.slice(2)) < 7 ? slow : slower).opened;
    for (let i = 0; i < 18; i++) await put(`Ev${String(i).padStart(2, '0')}`);
    expect(await pass()).toBe(16);
    slow.open();
    await until('seven ends', 3000, () => work.running.size === 9);
    expect(await pass()).toBe(0);
    slower.open();
    await settleInbox(work);
    expect(await pass()).toBe(2);
    await settleInbox(work);
  });

  test('with 300 waiting in one thread, that thread goes on and the others do too', async () => {
    const slow = gate();
    handle = async (payload) => {
      if (payload !== 'b') await slow.opened;
      handled.push(payload);
    };
    // The one that was said first is delivered last.
    const late = (i: number): string => `100.${String(900 - i).padStart(6, '0')}`;
    await Promise.all(Array.from({ length: 300 }, (_, i) => put(`a${i}`, late(i), 'A')));
    clock.advance(1);
    await put('b', '100.000001', 'B');
    expect(await pass()).toBe(1);
    expect(await pass()).toBe(1);
    slow.open();
    await settleInbox(work);
    expect(handled).toEqual(['b', 'a299']);
  });

  test('with characters that JSON allows and databases refuse is kept as it came', async () => {
    const payload = '{"text":"a\\u0000b \\ud800 end"}';
    await store({ key: 'k', thread: 't', ts: '1', payload });
    await workOff();
    expect(handled).toEqual([payload]);
  });
});

describe('what fails', () => {
  test('comes again with a growing pause, and is done when it works', async () => {
    const deliveries: Delivery[] = [];
    handle = async (payload, delivery) => {
      deliveries.push(delivery);
      if (deliveries.length < 3) throw new Error('database is away');
      handled.push(payload);
    };
    await put('Ev1');
    await workOff();
    expect(await pass()).toBe(0);
    clock.advance(1000);
    await workOff();
    clock.advance(1999);
    expect(await pass()).toBe(0);
    clock.advance(1);
    await workOff();
    expect(handled).toEqual(['Ev1']);
    expect(deliveries).toEqual([0, 1, 2].map((failures) => ({ failures, isLast: false, deadly: null })));
    expect(await countInbox(ctx.db)).toEqual({ pending: 0, dead: 0 });
  });

  test('again and again is given up after eight times, and the last one knows that it is', async () => {
    const last: boolean[] = [];
    handle = async (_payload, { isLast }) => {
      last.push(isLast);
      throw new Error('never');
    };
    await put('Ev1');
    for (let i = 0; i < 20; i++) {
      await workOff();
      clock.advance(64_000);
    }
    expect(last).toEqual([...Array(7).fill(false), true]);
    expect(await findInbox(ctx.db, 'T1:Ev1')).toMatchObject({
      state: 'dead',
      failures: 8,
      lastError: 'never',
    });
    expect(await countInbox(ctx.db)).toEqual({ pending: 0, dead: 1 });
    expect(await put('Ev1')).toBe('duplicate');
  });

  test('steps aside: what was said after it in the thread does not wait', async () => {
    handle = async (payload) => {
      if (payload === 'broken') throw new Error('no');
      handled.push(payload);
    };
    await put('broken', '100.000001', 'T1:C1:a');
    await put('stop', '100.000002', 'T1:C1:a');
    await workOff();
    expect(handled).toEqual(['stop']);
  });

  test('a pass with the database away changes nothing, and the next one goes on', async () => {
    await put('Ev1');
    const away = { ...ctx, db: brokenDb() };
    await expect(handleInbox({ ctx: away, work, handle })).rejects.toThrow('away');
    expect(handled).toEqual([]);
    await workOff();
    expect(handled).toEqual(['Ev1']);
  });
});

describe('a worker that dies', () => {
  test('between taking an event and ending it leaves it to the next, when its lease has run out', async () => {
    await put('Ev1');
    await claimInbox(ctx.db, { now: clock.now(), leaseMs: 20_000, limit: 8 });
    clock.advance(19_999);
    expect(await pass()).toBe(0);
    clock.advance(1);
    await workOff();
    expect(handled).toEqual(['Ev1']);
    expect(await findInbox(ctx.db, 'T1:Ev1')).toMatchObject({ attempts: 2, failures: 0, state: 'done' });
  });

  test('is forgotten at once where only one process can be', async () => {
    await put('Ev1');
    await claimInbox(ctx.db, { now: clock.now(), leaseMs: 20_000, limit: 8 });
    await releaseInbox(ctx.db);
    await workOff();
    expect(handled).toEqual(['Ev1']);
  });

  const dieOverIt = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await claimInbox(ctx.db, { now: clock.now(), leaseMs: 20_000, limit: 8 });
      clock.advance(20_000);
    }
  };

  test('over the same event nine times is given it once more, to tell of it and no more', async () => {
    const deliveries: Delivery[] = [];
    handle = async (_, delivery) => void deliveries.push(delivery);
    await put('Ev1');
    await dieOverIt(9);
    await workOff();
    expect(deliveries).toEqual([{ failures: 0, isLast: true, deadly: 9 }]);
    expect(await findInbox(ctx.db, 'T1:Ev1')).toMatchObject({
      state: 'dead',
      lastError: 'the bot died 9 times while it handled this',
    });
  });

  test('over that too is not given it again', async () => {
    await put('Ev1');
    await dieOverIt(10);
    await workOff();
    expect(handled).toEqual([]);
    expect(await findInbox(ctx.db, 'T1:Ev1')).toMatchObject({ state: 'dead' });
  });

  test('only seemingly, and comes back late, changes nothing any more', async () => {
    const slow = gate();
    handle = async () => {
      await slow.opened;
      throw new Error('too late');
    };
    await put('Ev1');
    await pass();
    clock.advance(20_000);
    const second = createInboxWork(ctx);
    await handleInbox({ ctx, work: second, handle: async () => {} });
    await settleInbox(second);
    slow.open();
    await settleInbox(work);
    expect(await findInbox(ctx.db, 'T1:Ev1')).toMatchObject({ state: 'done', failures: 0 });
  });

  test('is not one that works long: its lease is prolonged, up to ten minutes', async () => {
    const slow = gate();
    handle = () => slow.opened;
    await put('Ev1');
    await pass();
    for (let i = 0; i < 59; i++) {
      clock.advance(10_100);
      await pass();
    }
    expect(await claimInbox(ctx.db, { now: clock.now(), leaseMs: 1, limit: 8 })).toEqual([]);
    clock.advance(10_100);
    await settleInbox(work);
    expect(await findInbox(ctx.db, 'T1:Ev1')).toMatchObject({ state: 'pending', failures: 1 });
    slow.open();
  });
});

test('keys stay for a week after the event is done, and for a month after it was given up', async () => {
  await put('Ev1');
  await workOff();
  clock.advance(6.9 * 24 * 3600_000);
  expect(await pruneInbox({ ctx })).toBe(0);
  expect(await put('Ev1')).toBe('duplicate');
  clock.advance(0.2 * 24 * 3600_000);
  await put('waits');
  expect(await pruneInbox({ ctx })).toBe(1);
  expect(await countInbox(ctx.db)).toEqual({ pending: 1, dead: 0 });
});

test('a click is used up once', async () => {
  const input = { key: 'click:1.2:3.4:start:c-1:U1' };
  expect(await consumeClick({ ctx, input })).toBe(true);
  expect(await consumeClick({ ctx, input })).toBe(false);
  await workOff();
  expect(handled).toEqual([]);
});

test('one row that the database refuses does not take its neighbours along', async () => {
  const outcomes = await Promise.allSettled([put('Ev1'), put('bad\u0000'), put('Ev2')]);
  expect(outcomes.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('a stored event is handled at once, not at the next look', async () => {
  const loop = createInboxLoop({ ctx, everyMs: 3600_000, handle: (...args) => handle(...args) });
  const woken = createEventStore(ctx, () => loop.wake());
  loop.start();
  await woken({ key: 'a', thread: 'T', ts: '1', payload: 'a' });
  await woken({ key: 'b', thread: 'T', ts: '2', payload: 'b' });
  await until('both', 3000, () => handled.length === 2);
  await loop.stop();
  expect(handled).toEqual(['a', 'b']);
});

test('stopping lets what is under way end and begins nothing new', async () => {
  const slow = gate();
  handle = async (payload) => {
    await slow.opened;
    handled.push(payload);
  };
  const loop = createInboxLoop({ ctx, everyMs: 3600_000, handle: (...args) => handle(...args) });
  loop.start();
  await put('a1', '1', 'T');
  await put('a2', '2', 'T');
  loop.wake();
  await until('the first', 3000, async () => (await findInbox(ctx.db, 'T1:a1'))?.leaseUntil);
  // A pass that has begun may still take an event; let it end.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const stopped = loop.stop();
  slow.open();
  await stopped;
  expect(handled).toEqual(['a1']);
  expect(await findInbox(ctx.db, 'T1:a2')).toMatchObject({ state: 'pending', attempts: 0 });
});

test('with the database away Slack is told to send again, and then it is taken', async () => {
  const api = await startSlackDouble();
  let db = brokenDb();
  const bot = createFakeBot();
  const slack = createSlack({
    connection: { mode: 'http', signingSecret: 's', port: 0 },
    botToken: 'xoxb-1',
    apiUrl: api.url,
    bot,
    log: silentLog,
    onEvent: (event) => createEventStore({ ...ctx, db }, () => {})(event),
  });
  await slack.start();
  try {
    const body = JSON.stringify({
      type: 'event_callback',
      team_id: 'T1',
      event_id: 'Ev1',
      event: { type: 'app_mention', user: 'U1', text: '<@U0BOT> hello', ts: '5.1', channel: 'C1' },
    });
    const deliver = async (): Promise<number> => {
      const at = String(Math.floor(Date.now() / 1000));
      const signature = `v0=${createHmac('sha256', 's').update(`v0:${at}:${body}`).digest('hex')}`;
      const headers = {
        'content-type': 'application/json',
        'x-slack-request-timestamp': at,
        'x-slack-signature': signature,
      };
      const url = `http://127.0.0.1:${slack.port}/slack/events`;
      return (await fetch(url, { method: 'POST', headers, body })).status;
    };
    expect(await deliver()).toBe(503);
    expect(await countInbox(ctx.db)).toEqual({ pending: 0, dead: 0 });
    db = ctx.db;
    expect(await deliver()).toBe(200);
    expect(await deliver()).toBe(200);
    handle = slack.handleEvent;
    await workOff();
    expect(bot.called('message')).toHaveLength(1);
  } finally {
    await slack.stop();
    await api.stop();
  }
});

describe('what a message does, it does once', () => {
  const begun = async () => {
    const world = createWorld(database.db);
    const campaignId = await world.begin();
    return { world, campaignId, threadTs: world.chat.last('brief')?.threadTs as string };
  };
  const say = (text: string, ts: string, threadTs: string) => ({
    teamId: 'T1',
    channel: 'C1',
    ts,
    threadTs,
    user: 'U1',
    text,
    files: [],
    mentioned: true,
    direct: false,
  });

  test('more budget is added once, and the answer stays the same', async () => {
    const { world, threadTs } = await begun();
    const first = { threadTs, ts: '1795000001.000001' };
    await world.order('add 5 min to the budget', first);
    await world.order('add 5 min to the budget', first);
    await world.step();
    const answers = world.chat.ofKind('confirmation').map(({ closed }) => closed);
    expect(answers).toEqual(['Confirmed by Ana. Budget is now 15 min.']);
    await world.order('add 5 min to the budget', { threadTs, ts: '1795000002.000001' });
    await world.step();
    expect(world.chat.ofKind('confirmation').at(-1)?.closed).toContain('20 min');
    world.dispose();
  });

  test('a turn that was interrupted is taken by the next delivery, and then not again', async () => {
    const world = createWorld(database.db);
    const intake = world.ctx.researcher.intake.bind(world.ctx.researcher);
    world.ctx.researcher.intake = async () => {
      throw new Error('the model endpoint is away');
    };
    const request = { ts: '1795000001.000001', text: 'teach upper, exact match, budget 10 minutes' };
    await expect(world.say(request.text, request)).rejects.toThrow('away');
    world.ctx.researcher.intake = intake;
    await world.say(request.text, request);
    await world.say(request.text, request);
    await world.step();
    const cards = world.chat.messages.filter(({ content }) => ['brief', 'question'].includes(content.kind));
    expect(cards).toHaveLength(1);
    expect(cards[0]?.edits).toBe(0);
    world.dispose();
  });

  test('messages delivered in the wrong order are read in the order they were said', async () => {
    const budgetAfter = async (order: [string, string][]) => {
      await emptyDatabase(database);
      const world = createWorld(database.db);
      const root = '1795000001.000001';
      await world.say('teach upper, exact match, no need to ask, full only', { ts: root });
      for (const [ts, text] of order) await world.bot.message(say(text, ts, root));
      for (let i = 0; i < 3; i++) await world.step();
      const card = world.chat.last('brief')?.content;
      world.dispose();
      return card?.kind === 'brief' ? card.brief.budget.computeSeconds : null;
    };
    const first: [string, string] = ['1795000002.000001', 'budget 10 min'];
    const second: [string, string] = ['1795000003.000001', 'no, budget 20 min'];
    expect(await budgetAfter([first, second])).toBe(1200);
    expect(await budgetAfter([second, first])).toBe(1200);
  });

  test('an answer that overtook its request is read once the request is there', async () => {
    const world = createWorld(database.db);
    const root = '1795000001.000001';
    const events = new Map([
      ['root', async () => void (await world.say('teach upper, exact match', { ts: root }))],
      ['answer', async () => void (await world.bot.message(say('budget 10 min', '1795000002.000001', root)))],
    ]);
    handle = async (payload) => {
      await events.get(payload)?.();
    };
    await put('answer', '1795000002.000001', `T1:C1:${root}`);
    await workOff();
    await put('root', root, `T1:C1:${root}`);
    // The world has a clock of its own; what was reopened is due by that.
    clock.advance(1000);
    await workOff();
    await world.step();
    const card = world.chat.messages.at(-1)?.content;
    expect(card?.kind === 'brief' ? card.brief.budget.computeSeconds : JSON.stringify(card)).toBe(600);
    world.dispose();
  });

  test('a word of approval is not about a question that came up after it', async () => {
    const world = createWorld(database.db);
    await world.begin('teach upper, exact match, budget 10 minutes, always ask, full only');
    await world.until('a question about money', () => world.chat.last('approval') !== undefined);
    const card = world.chat.last('approval');
    const early = `${Number(card?.ts.split('.')[0]) - 5}.900001`;
    const number = card?.content.kind === 'approval' ? card.content.node.number : 0;
    await world.bot.message(say(`approve ${number}`, early, card?.threadTs as string));
    await world.step();
    expect(world.chat.ofKind('text').at(-1)?.text).toContain('came up after you wrote');
    expect(world.chat.ofKind('approval').map(({ approval }) => approval.state)).not.toContain('approved');
    world.dispose();
  });

  test('what is the fault of the words is an answer; what is ours comes again', async () => {
    const { world, threadTs } = await begun();
    world.ctx.chat.userName = async () => {
      throw new BadInputError('nobody', 'I do not know you.');
    };
    expect(await world.bot.message(say('pause', '1795000001.000001', threadTs))).toBe(true);
    world.ctx.chat.userName = async () => {
      throw new Error('boom');
    };
    await expect(world.bot.message(say('pause', '1795000002.000001', threadTs))).rejects.toThrow('boom');
    world.dispose();
  });
});

function brokenDb(): Db {
  return new Proxy({} as Db, {
    get: () => () => {
      throw new Error('the database is away');
    },
  });
}
