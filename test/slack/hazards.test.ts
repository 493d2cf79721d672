import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BadInputError } from '../../src/lib/errors.ts';
import { type Log, silentLog } from '../../src/lib/log.ts';
import type { IncomingMessage } from '../../src/operations/bot.ts';
import type { Context } from '../../src/operations/context.ts';
import {
  createPace,
  type DeliveryPace,
  deliverMessages,
} from '../../src/operations/delivery/deliver-messages.ts';
import { createHealth } from '../../src/operations/health.ts';
import { consumeClick } from '../../src/operations/inbox/consume-click.ts';
import { createEventStore } from '../../src/operations/inbox/store-event.ts';
import { createInboxLoop } from '../../src/scheduler/inbox-loop.ts';
import type { Loop } from '../../src/scheduler/loop.ts';
import { createChat } from '../../src/slack/chat.ts';
import { createSlack, type Slack } from '../../src/slack/create-slack.ts';
import { countInbox, findInbox } from '../../src/store/inbox.ts';
import { countOutbox, enqueue } from '../../src/store/outbox.ts';
import { createFakeClock, type FakeClock } from '../support/world/fake-clock.ts';
import { useDatabase } from '../support/world/use-world.ts';
import { createFakeBot, type FakeBot, until } from './fake-bot.ts';
import { type SlackDouble, startSlackDouble } from './slack-double.ts';
import { type SocketDouble, startSocketDouble } from './socket-double.ts';

/**
 * What people complain of about Slack bots, and what happens here: the real Bolt behind real HTTP on loopback, with
 * the inbox and the outbox on a real database. The first words of a name say the hazard, the rest what we do.
 */
const secret = 'a-signing-secret';

const database = useDatabase();
let clock: FakeClock;
let api: SlackDouble;
let bot: FakeBot;
let slack: Slack;
let inbox: Loop;
let storing: <T>(store: () => Promise<T>) => Promise<T>;

beforeEach(async () => {
  clock = createFakeClock();
  api = await startSlackDouble();
  bot = createFakeBot();
  storing = (store) => store();
  const ctx = { db: database.db, clock, log: silentLog };
  const store = createEventStore(ctx, () => inbox.wake());
  slack = createSlack({
    connection: { mode: 'http', signingSecret: secret, port: 0 },
    botToken: 'xoxb-test',
    apiUrl: api.url,
    bot,
    log: silentLog,
    clock,
    onEvent: (event) => storing(() => store(event)),
    onClick: (key) => storing(() => consumeClick({ ctx, input: { key } })),
  });
  inbox = createInboxLoop({ ctx, everyMs: 3600_000, handle: slack.handleEvent });
  await slack.start();
  inbox.start();
});
afterEach(async () => {
  await inbox.stop();
  await slack.stop();
  await api.stop();
});

const sign = (body: string, ageSeconds = 0): Record<string, string> => {
  const at = Math.floor(clock.now().getTime() / 1000) - ageSeconds;
  return {
    'x-slack-request-timestamp': String(at),
    'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`,
  };
};
const send = async (
  body: string,
  how: { ageSeconds?: number; type?: string; retry?: number } = {},
): Promise<{ status: number; ms: number }> => {
  const startedMs = performance.now();
  const response = await fetch(`http://127.0.0.1:${slack.port}/slack/events`, {
    method: 'POST',
    headers: {
      'content-type': how.type ?? 'application/json',
      ...sign(body, how.ageSeconds),
      ...(how.retry === undefined ? {} : { 'x-slack-retry-num': String(how.retry) }),
    },
    body,
  });
  await response.text();
  return { status: response.status, ms: performance.now() - startedMs };
};
const mention = (id: string, text = 'hello', over: Record<string, unknown> = {}): string =>
  JSON.stringify({
    type: 'event_callback',
    team_id: 'T1',
    event_id: id,
    event: {
      type: 'app_mention',
      user: 'U1',
      text: `<@U0BOT> ${text}`,
      ts: '5.000001',
      channel: 'C1',
      ...over,
    },
  });
const click = (actionId: string, actionTs: string): string =>
  new URLSearchParams({
    payload: JSON.stringify({
      type: 'block_actions',
      team: { id: 'T1' },
      user: { id: 'U1' },
      channel: { id: 'C1' },
      container: { type: 'message', message_ts: '5.2' },
      message: { ts: '5.2', thread_ts: '5.1' },
      trigger_id: `t-${Math.random()}`,
      actions: [{ type: 'button', action_id: actionId, action_ts: actionTs, value: '' }],
    }),
  }).toString();
const formType = 'application/x-www-form-urlencoded';
const told = (): (string | undefined)[] => api.called('chat.postEphemeral').map((call) => call.body.text);
const settled = (): Promise<void> =>
  until(async () => (await countInbox(database.db)).pending === 0, 'an empty inbox', 20_000);
const mentionKey = 'T1:C1:5.000001';
const failed = (times: number): Promise<void> =>
  until(
    async () => (await findInbox(database.db, mentionKey))?.failures === times,
    `failure ${times}`,
    20_000,
  );
/** Lets the pauses between attempts pass. */
const nextAttempt = (): void => {
  clock.advance(64_000);
  inbox.wake();
};

describe('hazard 1: the same thing is delivered twice', () => {
  test('an event runs once, as a retry, as two requests at a time, and after it is done', async () => {
    const answers = await Promise.all([send(mention('Ev1')), send(mention('Ev1'), { retry: 1 })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await settled();
    expect((await send(mention('Ev1'), { retry: 2, ageSeconds: 60 })).status).toBe(200);
    await settled();
    expect(bot.called('message')).toHaveLength(1);
  });

  test('a mention that comes as app_mention, as message or as both is heard once', async () => {
    const file = { id: 'F1', name: 'a.jsonl', size: 5, url_private: 'http://slack.invalid/f' };
    const asMessage = { type: 'message', channel_type: 'channel' };
    const sent: [ts: string, events: Record<string, unknown>[]][] = [
      ['6.000001', [{}]],
      ['6.000002', [asMessage]],
      ['6.000003', [{}, asMessage]],
      ['6.000004', [asMessage, {}]],
      ['6.000005', [{ files: [file] }, { ...asMessage, subtype: 'file_share', files: [file] }]],
      ['6.000006', [{ ...asMessage, subtype: 'file_share', files: [file] }]],
    ];
    for (const [ts, events] of sent)
      for (const [i, over] of events.entries())
        await send(mention(`Ev-${ts}-${i}`, 'hello', { ts, ...over }));
    await settled();
    const heard = bot.called('message') as unknown as IncomingMessage[];
    expect(heard.map((m) => [m.ts, m.mentioned, m.files.length])).toEqual(
      sent.map(([ts, events]) => [ts, true, 'files' in (events[0] ?? {}) ? 1 : 0]),
    );
  });

  test('files that only the message brings are seen, whichever event comes first', async () => {
    const file = { id: 'F1', name: 'a.jsonl', size: 5, url_private: 'http://slack.invalid/f' };
    const withFile = { type: 'message', channel_type: 'channel', subtype: 'file_share', files: [file] };
    for (const [ts, events] of [
      ['6.000001', [{}, withFile]],
      ['6.000002', [withFile, {}]],
    ] as const) {
      for (const [i, over] of events.entries())
        await send(mention(`Ev-${ts}-${i}`, 'hello', { ts, ...over }));
      await settled();
    }
    const heard = bot.called('message') as unknown as IncomingMessage[];
    for (const ts of ['6.000001', '6.000002'])
      expect(
        heard
          .filter((m) => m.ts === ts)
          .map((m) => m.files.length)
          .toSorted(),
      ).toEqual([0, 1]);
  });

  test('a click runs once, also when it is signed anew, and the next click of the person counts', async () => {
    const first = click('approve:a-1', '9.1');
    expect((await send(first, { type: formType })).status).toBe(200);
    clock.advance(1000);
    expect((await send(click('approve:a-1', '9.1'), { type: formType })).status).toBe(200);
    expect((await send(click('approve:a-1', '9.2'), { type: formType })).status).toBe(200);
    await until(() => bot.called('decide').length === 2, 'both clicks');
  });
});

test('hazard 2: a timestamp in the future is refused as an old one is', async () => {
  for (const ageSeconds of [-86_400, -301, 301]) {
    expect((await send(mention('Ev1'), { ageSeconds })).status).toBe(401);
  }
  expect(await countInbox(database.db)).toEqual({ pending: 0, dead: 0 });
  expect((await send(mention('Ev1'), { ageSeconds: -299 })).status).toBe(200);
});

describe('hazard 3: a listener throws after Slack heard 200', () => {
  test('the event is not lost: the person is told once, and it runs again until it works', async () => {
    let failures = 2;
    bot.answers.message = () => {
      if (failures-- > 0) throw new Error('the database went away');
      return true;
    };
    expect((await send(mention('Ev1'))).status).toBe(200);
    for (const failure of [1, 2]) {
      await failed(failure);
      nextAttempt();
    }
    await settled();
    expect(bot.called('message')).toHaveLength(3);
    expect(told()).toHaveLength(1);
    expect(told()[0]).toMatch(/reference [0-9a-f]{8}\)\. I am trying again by myself/);
  });

  test('what never works is given up, counted, and the person is told that too', async () => {
    bot.answers.message = () => {
      throw new Error('a bug');
    };
    await send(mention('Ev1'));
    for (let failure = 1; failure <= 8; failure++) {
      await failed(failure);
      nextAttempt();
    }
    await settled();
    expect(await countInbox(database.db)).toEqual({ pending: 0, dead: 1 });
    expect(told()).toHaveLength(2);
    expect(told()[1]).toContain('give up on this message; please send it again');
  });

  test('what the person can repair is said, and does not come again', async () => {
    bot.answers.message = () => {
      throw new BadInputError('bad_file', 'The file is empty.');
    };
    await send(mention('Ev1'));
    await settled();
    nextAttempt();
    expect(told()).toEqual(['The file is empty.']);
    expect(bot.called('message')).toHaveLength(1);
    expect(await countInbox(database.db)).toEqual({ pending: 0, dead: 0 });
  });
});

test('hazard 4: authorize throws, and the event is not lost', async () => {
  // A process that only handles what others stored asks Slack who it is with its first event.
  const other = createSlack({
    connection: { mode: 'http', signingSecret: secret, port: 0 },
    botToken: 'xoxb-test',
    apiUrl: api.url,
    bot,
    log: silentLog,
  });
  api.fault = ({ method }, res) => {
    if (method !== 'auth.test') return false;
    res.setHeader('content-type', 'application/json');
    res.end('{"ok":false,"error":"team_access_not_granted"}');
    return true;
  };
  await expect(other.handleEvent(mention('Ev1'))).rejects.toThrow('team_access_not_granted');
  expect(bot.called('message')).toHaveLength(0);
  api.fault = null;
  await other.handleEvent(mention('Ev1'));
  expect(bot.called('message')).toHaveLength(1);
});

test('hazard 5: a slow authorize and a slow listener delay no answer', async () => {
  bot.answers.message = () => new Promise((resolve) => setTimeout(() => resolve(true), 3000));
  await send(mention('warm-up', 'hello', { ts: '4.000001' }));
  const answers = [];
  for (let i = 0; i < 5; i++) answers.push(await send(mention(`Ev${i}`, 'hello', { ts: `6.00000${i}` })));
  // The slowest of five, on a machine that is shared.
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(2500);
});

test('hazard 5: a slow database gets no 200, in time for Slack to send again', async () => {
  let release = (): void => {};
  storing = (store) =>
    new Promise((resolve, reject) => {
      release = () => store().then(resolve, reject);
    });
  const { status, ms } = await send(mention('Ev1'));
  expect(status).toBe(503);
  expect(ms).toBeLessThan(3000);
  storing = (store) => store();
  release();
  expect((await send(mention('Ev1'), { retry: 1 })).status).toBe(200);
  await settled();
  expect(bot.called('message')).toHaveLength(1);
});

describe('hazard 6: nobody acknowledges', () => {
  test('every click is, before the work begins, also one on a button of nobody', async () => {
    bot.answers.start = () => new Promise((resolve) => setTimeout(() => resolve({ private: null }), 3000));
    for (const action of ['start:c-1', 'retired:1']) {
      const { status, ms } = await send(click(action, action), { type: formType });
      expect(status).toBe(200);
      expect(ms).toBeLessThan(2500);
    }
  });

  test('an event that no listener takes is acknowledged and done', async () => {
    const body = JSON.stringify({
      type: 'event_callback',
      team_id: 'T1',
      event_id: 'Ev1',
      event: { type: 'channel_rename', channel: { id: 'C1', name: 'x' } },
    });
    expect((await send(body)).status).toBe(200);
    await settled();
    expect(await countInbox(database.db)).toEqual({ pending: 0, dead: 0 });
  });

  test('our own edits, which Slack sends back, are not even stored', async () => {
    storing = async () => {
      throw new Error('must not be called');
    };
    for (const over of [{ subtype: 'message_changed', hidden: true }, { bot_id: 'B0BOT' }]) {
      expect((await send(mention('Ev1', 'x', { type: 'message', ...over }))).status).toBe(200);
    }
  });
});

test('hazard 7: stop waits for what is under way and leaves the rest in the inbox', async () => {
  let done = 0;
  bot.answers.message = () =>
    new Promise((resolve) =>
      setTimeout(() => {
        done++;
        resolve(true);
      }, 2000),
    );
  await send(mention('Ev1', 'first'));
  await until(() => bot.called('message').length === 1, 'the first event');
  await send(mention('Ev2', 'second', { ts: '5.000002', thread_ts: '5.000001' }));
  await inbox.stop();
  await slack.stop();
  expect(done).toBe(1);
  expect(await countInbox(database.db)).toEqual({ pending: 1, dead: 0 });
});

/** The outbox before Slack's double. */
describe('the way out', () => {
  let ctx: Context;
  let pace: DeliveryPace;
  const put = (key: string, channel = 'C1'): Promise<void> =>
    enqueue(database.db, {
      key,
      campaignId: null,
      channel,
      threadTs: '5.000001',
      payload: { kind: 'text', text: key },
      at: clock.now(),
    });
  const deliver = async (): Promise<number> => {
    clock.advance(1100);
    return deliverMessages({ ctx, pace });
  };

  beforeEach(() => {
    pace = createPace();
    ctx = {
      db: database.db,
      clock,
      log: silentLog,
      health: createHealth(clock),
      settings: { deliverGapMs: 1000, progressGapMs: 0, pictureMode: 'none' },
      chat: createChat({ botToken: 'xoxb-test', apiUrl: api.url, log: silentLog }),
    } as unknown as Context;
  });

  test('hazard 8: one 429 holds up its own message and no other call', async () => {
    api.fault = ({ method, body }, res) => {
      if (method !== 'chat.postMessage' || body.channel !== 'C1') return false;
      res.writeHead(429, { 'content-type': 'application/json', 'retry-after': '30' });
      res.end('{"ok":false,"error":"ratelimited"}');
      return true;
    };
    await put('limited');
    await put('elsewhere', 'C2');
    const startedMs = performance.now();
    const [sent, name] = await Promise.all([deliver(), ctx.chat.userName('U7')]);
    expect([sent, name]).toEqual([1, 'U7']);
    expect(performance.now() - startedMs).toBeLessThan(15_000);
    expect(api.messages.map((message) => message.channel)).toEqual(['C2']);
    api.fault = null;
    // 30 s were asked for: before that it is not tried again.
    expect(await deliver()).toBe(0);
    expect(api.called('chat.postMessage').filter(({ body }) => body.channel === 'C1')).toHaveLength(1);
    clock.advance(30_000);
    expect(await deliver()).toBe(1);
  });

  test('hazard 8b: the connection breaks after Slack had the message, and it is not sent twice', async () => {
    let broken = false;
    api.fault = ({ method, body }, res) => {
      if (method !== 'chat.postMessage' || broken) return false;
      broken = true;
      api.messages.push({
        ts: `${Math.floor(clock.now().getTime() / 1000)}.000001`,
        channel: body.channel ?? '',
        text: body.text ?? '',
        metadata: JSON.parse(body.metadata ?? 'null') as unknown,
      });
      res.destroy();
      return true;
    };
    await put('once');
    expect(await deliver()).toBe(0);
    for (let i = 0; i < 4; i++) await deliver();
    expect(api.called('chat.postMessage')).toHaveLength(1);
    expect(api.called('conversations.replies')).toHaveLength(1);
    expect(api.messages).toHaveLength(1);
    expect(await countOutbox(database.db)).toEqual({ pending: 0, parked: 0 });
  });

  test('hazard 8c: a Slack that never answers is waited for 10 s, then the message is looked up and sent', async () => {
    api.fault = ({ method }) => method === 'chat.postMessage';
    await put('patience');
    const startedMs = performance.now();
    expect(await deliver()).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    expect(api.called('chat.postMessage')).toHaveLength(1);
    api.fault = null;
    await deliver();
    expect(api.messages).toHaveLength(1);
    expect(await countOutbox(database.db)).toEqual({ pending: 0, parked: 0 });
  });
});

test('hazard 9: clients do not add up: one for the team, however many events', async () => {
  const clients = new Set<unknown>();
  slack.app.use(async ({ client, next }) => {
    clients.add(client);
    await next();
  });
  for (let i = 0; i < 50; i++) await slack.handleEvent(mention(`Ev${i}`));
  expect(bot.called('message')).toHaveLength(50);
  expect(clients.size).toBe(1);
});

describe('hazard 10: Socket Mode loses its connection', () => {
  let socket: SocketDouble;
  let away: boolean;
  let connected: Slack;
  const lines: string[] = [];

  beforeEach(async () => {
    socket = await startSocketDouble();
    away = false;
    lines.length = 0;
    const ctx = { db: database.db, clock, log: silentLog };
    const store = createEventStore(ctx, () => inbox.wake());
    const note = (_: unknown, name: unknown): void => void lines.push(String(name));
    connected = createSlack({
      connection: { mode: 'socket', appToken: 'xapp-1' },
      botToken: 'xoxb-1',
      apiUrl: socket.apiUrl,
      bot,
      log: { ...silentLog, info: note, warn: note, error: note, debug: () => {} } as unknown as Log,
      onEvent: (event) => (away ? Promise.reject(new Error('the database is away')) : store(event)),
    });
    await connected.start();
  });
  afterEach(async () => {
    await connected.stop();
    await socket.stop();
  });
  const arrive = (id: string): void =>
    socket.sendEvent(`envelope-${id}`, JSON.parse(mention(id, 'hello', { ts: `5.${id}` })) as object);

  test('at a refresh that Slack asks for, without closing its end: back at once, nothing lost', async () => {
    arrive('Ev1');
    await until(() => socket.acks.length === 1, 'the first event');
    const startedMs = performance.now();
    socket.askForRefresh();
    await until(() => socket.connections === 2, 'the next connection');
    // The SDK by itself waits 15 s here, and 6 s more for the end that never comes.
    expect(performance.now() - startedMs).toBeLessThan(4000);
    // What was sent into the old connection is not acknowledged there, so Slack sends it into the new one.
    arrive('Ev2');
    await until(() => socket.acks.includes('envelope-Ev2'), 'the second event');
    arrive('Ev2');
    await settled();
    expect(bot.called('message')).toHaveLength(2);
    expect(lines).toEqual(expect.arrayContaining(['slack.connection_lost', 'slack.connection_back']));
  });

  test('to a Slack that cannot be reached for a while: it tries until it can, and the process stays', async () => {
    socket.refuse = true;
    socket.drop();
    await until(() => lines.includes('slack.connection_refused'), 'an attempt', 10_000);
    expect(socket.connections).toBe(1);
    socket.refuse = false;
    await until(() => socket.connections === 2, 'the next connection', 10_000);
    arrive('Ev1');
    await until(() => socket.acks.includes('envelope-Ev1'), 'the event');
    await settled();
    expect(bot.called('message')).toHaveLength(1);
  });

  test('with the database away nothing is acknowledged, and the next delivery is taken', async () => {
    away = true;
    arrive('Ev1');
    await until(() => lines.includes('slack.event_not_stored'), 'the failure');
    expect(socket.acks).toEqual([]);
    away = false;
    arrive('Ev1');
    await until(() => socket.acks.length === 1, 'the acknowledgement');
    await settled();
    expect(bot.called('message')).toHaveLength(1);
  });
});
