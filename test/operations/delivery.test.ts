import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { DeliveryError } from '../../src/operations/chat.ts';
import { createPace, deliverMessages } from '../../src/operations/delivery/deliver-messages.ts';
import { postSummaries } from '../../src/operations/delivery/post-summaries.ts';
import { countOutbox, enqueue } from '../../src/store/outbox.ts';
import { channel as channelTable, outbox } from '../../src/store/schema.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database);

const put = (key: string, text: string, channel = 'C1', slot?: string) =>
  enqueue(database.db, {
    key,
    campaignId: null,
    channel,
    threadTs: null,
    ...(slot === undefined ? {} : { slot }),
    payload: { kind: 'text', text },
    at: world.clock.now(),
  });
const deliverAll = async (): Promise<void> => {
  const pace = createPace();
  for (let i = 0; i < 30; i++) {
    await deliverMessages({ ctx: world.ctx, pace });
    world.clock.advance(1000);
  }
};
const texts = (): string[] => world.chat.ofKind('text').map((c) => c.text);

describe('delivery', () => {
  test('keeps the order of a channel and sends a key once', async () => {
    for (const n of [1, 2, 3]) await put(`k${n}`, `message ${n}`);
    await put('k2', 'again');
    await deliverAll();
    expect(texts()).toEqual(['message 1', 'message 2', 'message 3']);
  });

  test('a slot shows the newest: what has not gone out is superseded, what has is edited', async () => {
    await put('p1', 'first', 'C1', 'progress:x');
    await put('p2', 'second', 'C1', 'progress:x');
    await deliverAll();
    await put('p3', 'third', 'C1', 'progress:x');
    await deliverAll();
    expect(texts()).toEqual(['third']);
    expect(world.chat.messages[0]?.edits).toBe(1);
  });

  test('an older state that waits for another try gives way to a newer one', async () => {
    await put('p1', 'first', 'C1', 'progress:x');
    const refused = new DeliveryError('slow down', {
      permanent: false,
      uncertain: false,
      retryAfterMs: 3000,
    });
    const pace = createPace();
    let calls = 0;
    world.chat.beforeCall = (name) => {
      if (name === 'post' && ++calls === 1) throw refused;
    };
    await deliverMessages({ ctx: world.ctx, pace });
    // The newer one arrives, and its answer gets lost: nobody knows of it when the older one is due again.
    await database.db.update(outbox).set({ state: 'sending', leaseUntil: sql`clock_timestamp()` });
    await put('p2', 'second', 'C1', 'progress:x');
    await world.chat.post({
      channel: 'C1',
      threadTs: null,
      key: 'p2',
      content: { kind: 'text', text: 'second' },
      context: { pictureMode: 'none' },
    });
    await database.db.update(outbox).set({ attempts: 1 });
    await deliverAll();
    expect(texts()).toEqual(['second']);
  });

  test('an answer that got lost is looked up, not posted again', async () => {
    await put('k', 'once');
    let first = true;
    world.chat.afterPost = () => {
      if (!first) return;
      first = false;
      throw new DeliveryError('the connection broke', { permanent: false, uncertain: true });
    };
    await deliverAll();
    expect(texts()).toEqual(['once']);
    expect(await countOutbox(database.db)).toEqual({ pending: 0, parked: 0 });
  });

  test('a worker that died while sending leaves evidence, and the next one finds the message', async () => {
    await put('k', 'once');
    const { claimOutbox } = await import('../../src/store/outbox.ts');
    const [row] = await claimOutbox(database.db, {
      now: world.clock.now(),
      leaseMs: 60_000,
      limit: 1,
      busyChannels: [],
    });
    await world.chat.post({
      channel: 'C1',
      threadTs: null,
      key: row?.key as string,
      content: { kind: 'text', text: 'once' },
      context: { pictureMode: 'none' },
    });
    await database.db.update(outbox).set({ leaseUntil: sql`clock_timestamp()` });
    await deliverAll();
    expect(texts()).toEqual(['once']);
  });

  test('what somebody deleted is posted anew when it changes', async () => {
    await put('p1', 'first', 'C1', 'progress:x');
    await deliverAll();
    world.chat.messages.length = 0;
    await put('p2', 'second', 'C1', 'progress:x');
    await deliverAll();
    await put('p3', 'third', 'C1', 'progress:x');
    await deliverAll();
    expect(texts()).toEqual(['third']);
    expect(await countOutbox(database.db)).toEqual({ pending: 0, parked: 0 });
  });

  test('429 waits as long as it is told and then goes through', async () => {
    await put('k', 'patience');
    let refusals = 2;
    world.chat.beforeCall = (name) => {
      if (name === 'post' && refusals-- > 0) {
        throw new DeliveryError('slow down', { permanent: false, uncertain: false, retryAfterMs: 3000 });
      }
    };
    await deliverAll();
    expect(texts()).toEqual(['patience']);
  });

  test('a message that can never arrive is parked and blocks nobody', async () => {
    await put('dead', 'to an archived channel', 'CDEAD');
    await put('alive', 'to a living one', 'C1');
    world.chat.beforeCall = async (name) => {
      if (
        name === 'post' &&
        world.chat.messages.length === 0 &&
        (await countOutbox(database.db)).parked === 0
      ) {
        throw new DeliveryError('is_archived', { permanent: true, uncertain: false });
      }
    };
    await deliverAll();
    expect(texts()).toEqual(['to a living one']);
    expect(await countOutbox(database.db)).toEqual({ pending: 0, parked: 1 });
  });
});

describe('a place in which a person has to set something right', () => {
  const refuse = (code: string, scope: 'channel' | 'workspace') =>
    new DeliveryError(code, {
      permanent: false,
      uncertain: false,
      repair: { scope, sentence: 'Invite me there.' },
    });
  const minutes = async (count: number): Promise<void> => {
    for (let i = 0; i < count * 4; i++) {
      await deliverMessages({ ctx: world.ctx, pace });
      world.clock.advance(15_000);
    }
  };
  let pace: ReturnType<typeof createPace>;
  beforeEach(() => {
    pace = createPace();
  });

  test('waits as a whole, costs one call a minute, and gets everything in its order afterwards', async () => {
    let isOut = true;
    let calls = 0;
    world.chat.beforeCall = (name, channel) => {
      if (name !== 'post' || channel !== 'C1') return;
      calls += 1;
      if (isOut) throw refuse('not_in_channel', 'channel');
    };
    for (const n of [1, 2, 3]) await put(`k${n}`, `message ${n}`);
    await put('other', 'elsewhere', 'C2');
    await minutes(60);
    expect(texts()).toEqual(['elsewhere']);
    expect(calls).toBeLessThanOrEqual(61);
    expect(await countOutbox(database.db)).toEqual({ pending: 3, parked: 0 });
    isOut = false;
    await minutes(3);
    expect(texts()).toEqual(['elsewhere', 'message 1', 'message 2', 'message 3']);
  });

  test('is reported once a day to whoever began the campaign, by direct message', async () => {
    const id = await world.begin();
    await minutes(5);
    const posted = world.chat.messages.length;
    world.chat.beforeCall = (_name, channel) => {
      if (channel === 'C1') throw refuse('not_in_channel', 'channel');
    };
    for (const n of [1, 2])
      await enqueue(database.db, {
        key: `${id}:late-${n}`,
        campaignId: id,
        channel: 'C1',
        threadTs: '1.0',
        payload: { kind: 'text', text: `late ${n}` },
        at: world.clock.now(),
      });
    await minutes(120);
    const told = world.chat.messages.slice(posted);
    expect(told.map(({ channel }) => channel)).toEqual(['U1']);
    expect(world.chat.ofKind('problem').at(-1)?.text).toContain('I cannot post about');
    expect(world.chat.ofKind('problem').at(-1)?.text).toContain('Invite me there.');
  });

  test('of the whole workspace, nothing else is tried meanwhile', async () => {
    let calls = 0;
    world.chat.beforeCall = (name) => {
      if (name !== 'post') return;
      calls += 1;
      throw refuse('invalid_auth', 'workspace');
    };
    for (const channel of ['C1', 'C2', 'C3', 'C4']) await put(`k-${channel}`, 'hello', channel);
    await minutes(30);
    expect(calls).toBeLessThanOrEqual(33);
    world.chat.beforeCall = null;
    await minutes(10);
    expect(texts()).toHaveLength(4);
  });

  test('an outage of a day parks nothing', async () => {
    await put('k', 'patience');
    let isAway = true;
    world.chat.beforeCall = (name) => {
      if (isAway && name === 'post')
        throw new DeliveryError('HTTP 403', { permanent: false, uncertain: false });
    };
    await minutes(24 * 60);
    isAway = false;
    await minutes(10);
    expect(texts()).toEqual(['patience']);
  });

  test('what has not arrived after a week is parked', async () => {
    await put('k', 'too late');
    world.chat.beforeCall = () => {
      throw refuse('is_archived', 'channel');
    };
    await minutes(1);
    world.clock.advance(8 * 86_400_000);
    await minutes(1);
    expect(await countOutbox(database.db)).toEqual({ pending: 0, parked: 1 });
  });
});

describe('the daily summary', () => {
  const at = (iso: string): void => world.clock.advance(Date.parse(iso) - world.clock.now().getTime());
  const summaries = () => world.chat.ofKind('summary');
  const tick = async (): Promise<void> => {
    await postSummaries({ ctx: world.ctx });
    await deliverAll();
  };

  test('comes once a local day, also when the bot was down at its minute, and counts since the last one', async () => {
    // 2026-03-02 08:00 UTC is 09:00 in Berlin: the channel is made at its minute, so the first one is tomorrow's.
    const id = await world.begin();
    for (let i = 0; i < 40; i++) await world.step();
    await tick();
    expect(summaries()).toHaveLength(0);
    at('2026-03-03T07:59:00Z');
    await tick();
    expect(summaries()).toHaveLength(0);
    at('2026-03-03T10:40:00Z');
    await tick();
    await tick();
    expect(summaries()).toHaveLength(1);
    const first = summaries()[0]?.campaigns.find((c) => c.campaignId === id);
    expect(first?.done).toBeGreaterThan(0);
    expect(first?.best).not.toBeNull();
    expect(first?.best?.sinceYesterday).toBeNull();
    // Three days of downtime give one summary, not three.
    at('2026-03-06T09:00:00Z');
    await tick();
    await tick();
    expect(summaries().length).toBeLessThanOrEqual(2);
  });

  test('a minute inside the hour that spring skips is posted after it', async () => {
    await database.db.insert(channelTable).values({
      teamId: 'T1',
      channel: 'C9',
      timeZone: 'Europe/Berlin',
      summaryMinute: 2 * 60 + 30,
      createdAt: new Date('2026-03-20T00:00:00Z'),
    });
    const { listDueSummaries } = await import('../../src/store/channels.ts');
    const due = async (iso: string) =>
      (await listDueSummaries(database.db, new Date(iso)))
        .filter((d) => d.channel === 'C9')
        .map((d) => d.localDate);
    expect(await due('2026-03-29T00:59:00Z')).toEqual([]);
    expect(await due('2026-03-29T01:00:00Z')).toEqual(['2026-03-29']);
  });

  test('summary in the channel answers at once and claims no day', async () => {
    await world.begin();
    for (let i = 0; i < 30; i++) await world.step();
    await world.say('summary');
    await world.step();
    expect(summaries()).toHaveLength(1);
    at('2026-03-03T10:40:00Z');
    await tick();
    expect(summaries()).toHaveLength(2);
  });
});
