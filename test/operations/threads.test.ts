import { describe, expect, test } from 'vitest';
import { DeliveryError } from '../../src/operations/chat.ts';
import { checkThreads } from '../../src/operations/delivery/check-threads.ts';
import { listForPerson } from '../../src/operations/thread/list-campaigns.ts';
import { listApprovals } from '../../src/store/approvals.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listEvents } from '../../src/store/events.ts';
import { channel, team } from '../support/world/create-world.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database);
let id: string;
let old: string;

const campaign = () => getCampaign(database.db, id);
const begin = async (request: string): Promise<void> => {
  id = await world.begin(request);
  await world.step();
  old = (await campaign()).threadTs;
};
/** The chat forgets everything, as the local workspace does when it is started anew. */
const forget = (): void => {
  world.chat.lostThreads.add(`${channel}:${old}`);
  world.chat.messages.splice(0);
};
const asking = 'teach upper, exact match, budget 10 minutes, ask above 1 second, full only, one at a time';
const untilAsked = (): Promise<void> =>
  world.until('an approval', () => world.chat.last('approval') !== undefined);

describe('a campaign whose thread is gone', () => {
  test('moves to a new one, says so, and shows what is open there again', async () => {
    await begin(asking);
    await untilAsked();
    forget();
    await checkThreads({ ctx: world.ctx });
    await world.step();
    const moved = await campaign();
    expect(moved.threadTs).not.toBe(old);
    expect(moved.threadLostAt).toBeNull();
    const [first, ...rest] = world.chat.messages;
    expect(first).toMatchObject({ channel, threadTs: null, ts: moved.threadTs });
    expect(first?.content.kind === 'text' && first.content.text).toMatch(
      /goes on in this thread.*\n.*Nothing runs/s,
    );
    expect(rest.every((m) => m.threadTs === moved.threadTs)).toBe(true);
    const kinds = rest.map((m) => m.content.kind);
    const pending = (await listApprovals(database.db, id)).filter((a) => a.state === 'pending');
    expect(kinds.filter((kind) => kind === 'approval')).toHaveLength(pending.length);
    expect(kinds.filter((kind) => kind === 'progress')).toHaveLength(1);
    expect(kinds).not.toContain('brief');
    const names = (await listEvents(database.db, id)).map((event) => event.name);
    expect(names.filter((name) => name.startsWith('thread.'))).toEqual(['thread.lost', 'thread.moved']);
  });

  test('is steered and decided from the new thread, and hears words that reach the old one', async () => {
    await begin(asking);
    await untilAsked();
    forget();
    await checkThreads({ ctx: world.ctx });
    await world.step();
    const { threadTs } = await campaign();
    const card = world.chat.last('approval');
    if (card?.content.kind !== 'approval') throw new Error('no card');
    expect(
      await world.bot.decide({ approvalId: card.content.approval.id, decision: 'approve', user: 'U1' }),
    ).toEqual({ private: null });
    await world.say('status', { threadTs });
    await world.step();
    expect(world.chat.messages.at(-1)).toMatchObject({ threadTs });
    await world.say('pause', { threadTs: old });
    await world.step();
    expect((await campaign()).paused).toBe(true);
    expect(world.chat.messages.every((m) => m.threadTs === null || m.threadTs === threadTs)).toBe(true);
  });

  test('moves with a question before Start, which can be answered there', async () => {
    await world.say('teach upper, exact match');
    await world.until('a question', () => world.chat.last('question') !== undefined, 5);
    const question = world.chat.last('question')?.content;
    if (question?.kind !== 'question') throw new Error('no question');
    id = question.campaignId;
    old = (await campaign()).threadTs;
    forget();
    await checkThreads({ ctx: world.ctx });
    await world.step();
    expect(world.chat.messages.map((m) => m.content.kind)).toEqual(['text', 'question']);
    await world.say('10 minutes', { threadTs: (await campaign()).threadTs, mentioned: false });
    await world.until('the brief', () => world.chat.last('brief') !== undefined, 5);
  });

  test('says nothing into the void meanwhile: what waits arrives in the new thread', async () => {
    await begin(asking);
    forget();
    let down = true;
    world.chat.beforeCall = (name) => {
      if (name === 'post' && down) throw new DeliveryError('away', { permanent: false, uncertain: false });
    };
    await checkThreads({ ctx: world.ctx });
    await world.say('status', { threadTs: old });
    await world.step(60_000);
    expect(world.chat.messages).toEqual([]);
    down = false;
    await world.step(60_000);
    await world.step(60_000);
    const { threadTs } = await campaign();
    expect(world.chat.messages[0]).toMatchObject({ threadTs: null, ts: threadTs });
    expect(world.chat.messages.some((m) => m.threadTs === threadTs && m.content.kind === 'text')).toBe(true);
    expect(world.chat.messages.filter((m) => m.threadTs === old)).toEqual([]);
  });

  test('moves once, however often it is looked at and wherever the bot is stopped', async () => {
    await begin(asking);
    forget();
    await checkThreads({ ctx: world.ctx });
    await checkThreads({ ctx: world.ctx });
    // The answer to the post is lost: the message is looked up, not posted again.
    world.chat.afterPost = () => {
      world.chat.afterPost = null;
      throw new DeliveryError('no answer', { permanent: false, uncertain: true });
    };
    for (let i = 0; i < 5; i++) await world.step(10_000);
    await checkThreads({ ctx: world.ctx });
    await world.step();
    expect(world.chat.messages.filter((m) => m.threadTs === null)).toHaveLength(1);
    expect((await campaign()).threadTs).toBe(world.chat.messages[0]?.ts);
  });

  test('is found out when one of its messages cannot be edited', async () => {
    await begin(asking);
    await untilAsked();
    forget();
    await world.say('pause', { threadTs: old });
    await world.until('the move', async () => (await campaign()).threadTs !== old, 20);
    expect(world.chat.messages[0]?.threadTs).toBeNull();
  });

  test('of one person and the bot moves to the conversation that they have now', async () => {
    await world.say('teach upper, exact match, budget 10 minutes', { channel: 'D-old', direct: true });
    await world.until('a brief', () => world.chat.last('brief') !== undefined, 5);
    const brief = world.chat.last('brief')?.content;
    id = brief?.kind === 'brief' ? brief.campaignId : '';
    world.chat.lostThreads.add(`D-old:${(await campaign()).threadTs}`);
    await checkThreads({ ctx: world.ctx });
    await world.step();
    expect((await campaign()).channel).toBe('D-U1');
  });
});

describe('a campaign stays where it is', () => {
  test('when the chat does not say whether the thread is there', async () => {
    await begin(asking);
    await untilAsked();
    const card = world.chat.last('approval');
    world.chat.beforeCall = (name) => {
      if (name === 'hasThread')
        throw new DeliveryError('Slack answered HTTP 503.', { permanent: false, uncertain: true });
    };
    world.chat.messages.splice(world.chat.messages.indexOf(card as never), 1);
    await checkThreads({ ctx: world.ctx });
    for (let i = 0; i < 5; i++) await world.step();
    const { threadTs, threadLostAt } = await campaign();
    expect([threadTs, threadLostAt]).toEqual([old, null]);
  });

  test('when only a message of it was deleted', async () => {
    await begin(asking);
    await untilAsked();
    world.chat.messages.splice(0);
    for (let i = 0; i < 5; i++) await world.step();
    expect((await campaign()).threadTs).toBe(old);
  });

  test('and app home says that its thread is gone until there is another', async () => {
    await begin(asking);
    forget();
    world.chat.beforeCall = (name) => {
      if (name === 'post') throw new DeliveryError('away', { permanent: false, uncertain: false });
    };
    await checkThreads({ ctx: world.ctx });
    const home = () => listForPerson({ ctx: world.ctx, input: { teamId: team, user: 'U1' } });
    expect((await home())[0]?.line).toContain('its thread is gone');
    world.chat.beforeCall = null;
    await world.step(60_000);
    await world.step(60_000);
    expect((await home())[0]?.line).not.toContain('its thread is gone');
  });
});
