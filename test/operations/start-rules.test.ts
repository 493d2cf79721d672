import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBot } from '../../src/operations/create-bot.ts';
import { contentText } from '../../src/report/transcript.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listEvents } from '../../src/store/events.ts';
import { ledgerTotals } from '../../src/store/ledger.ts';
import { createClicks } from '../support/clicks.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { emptyDatabase } from '../support/world/test-database.ts';
import { useDatabase } from '../support/world/use-world.ts';

/** Start commits everything in the brief that costs, so it is held to the rules of approvals. Ana is U1, Ben is U2. */

const database = useDatabase();
let world: World;

beforeEach(() => makeWorld());
afterEach(() => world.dispose());

async function makeWorld(settings: Partial<World['ctx']['settings']> = {}): Promise<void> {
  await emptyDatabase(database);
  world?.dispose();
  world = createWorld(database.db, { settings });
}

const dear = 'teach upper, exact match, budget 1000 hours, no need to ask, 64 at a time, full only';

/** Ana's request, brought to its brief card. */
async function toBrief(request = dear): Promise<{ id: string; threadTs: string }> {
  const threadTs = await world.say(request);
  await world.until('a brief card', () => world.chat.last('brief') !== undefined, 5);
  return { id: world.chat.ofKind('brief').at(-1)?.campaignId as string, threadTs };
}

const campaignOf = (id: string) => getCampaign(database.db, id);
const stateOf = async (id: string): Promise<string> => (await campaignOf(id)).state;
const start = async (id: string, user: string) => (await world.bot.start({ campaignId: id, user })).private;
const open = () => world.chat.ofKind('start_request').find((one) => one.closed === null);
const posted = () => world.chat.last('start_request');
const textOf = (): string => {
  const message = posted();
  return message === undefined ? '' : contentText(message.content);
};
const decide = async (id: string, user: string, decision: 'approve' | 'reject' = 'approve') =>
  (await world.bot.decideStart({ campaignId: id, request: open()?.questionId ?? '', decision, user }))
    .private;
const started = async (id: string) =>
  (await listEvents(database.db, id)).filter((e) => e.name === 'campaign.started');

async function expectNothingSpent(id: string): Promise<void> {
  for (let i = 0; i < 5; i++) await world.step();
  expect(await ledgerTotals(database.db, id)).toEqual({
    spent: { computeSeconds: 0, usd: 0 },
    reserved: { computeSeconds: 0, usd: 0 },
  });
  expect(world.cluster.runs.size).toBe(0);
  expect(await stateOf(id)).toBe('ready');
}

describe('where everybody may decide', () => {
  test('one press starts', async () => {
    const { id } = await toBrief();
    expect(await start(id, 'U1')).toBeNull();
    expect(await stateOf(id)).toBe('searching');
    expect(posted()).toBeUndefined();
  });

  test('two have to above the line; the requester is one of them', async () => {
    await makeWorld({ twoApproversAbove: { computeSeconds: 3, usd: null } });
    const { id } = await toBrief();
    expect(await start(id, 'U1')).toBeNull();
    await world.step();
    expect(textOf()).toContain('Two people have to approve it.');
    expect(textOf()).toContain('Approved by Ana; one more person has to approve.');
    expect(posted()?.mention).toEqual([]);
    expect(await start(id, 'U1')).toContain('nobody counts twice');
    expect(await decide(id, 'U1')).toContain('nobody counts twice');
    await expectNothingSpent(id);
    expect(await decide(id, 'U2')).toBeNull();
    expect(await stateOf(id)).toBe('searching');
  });

  test('somebody else has to where nobody approves what they asked for', async () => {
    await makeWorld({ noSelfApproval: true });
    const { id } = await toBrief();
    expect(await start(id, 'U1')).toBeNull();
    await world.step();
    expect(textOf()).toContain('Somebody else here has to approve it.');
    expect(posted()?.mention).toEqual(['U1']);
    expect(await decide(id, 'U1')).toMatch(/^You asked for this work yourself/);
    await expectNothingSpent(id);
    expect(await decide(id, 'U2')).toBeNull();
    expect(await stateOf(id)).toBe('searching');
  });
});

describe('where approvers are named', () => {
  beforeEach(() => makeWorld({ approvers: ['U2'], noSelfApproval: true }));

  test('the requester’s Start asks them, mentions them once, and names all that it commits', async () => {
    const { id } = await toBrief();
    expect(await start(id, 'U1')).toBeNull();
    await world.step();
    expect(textOf()).toMatch(
      /^Ana asks to start .*\nBudget 1,000 h, of which I ask about no single node\n64 runs at a time, at most \d+ nodes\nBen can approve it\.\n\[Approve and start\]/,
    );
    expect(posted()?.mention).toEqual(['U2']);
    expect(contentText(world.chat.last('brief')?.content ?? { kind: 'text', text: '' })).toContain(
      'Ana asked for the start. It waits for approval below.',
    );
    await expectNothingSpent(id);
    expect(await start(id, 'U1')).toContain('waits for approval already');
    expect(world.chat.messages.filter((m) => m.mention.length > 0)).toHaveLength(1);
  });

  test('their approval starts it, the card says who, and they may approve its nodes later', async () => {
    const { id } = await toBrief('teach upper, budget 10 minutes, ask me above 2 seconds a branch');
    await start(id, 'U1');
    await world.step();
    expect(await decide(id, 'U2')).toBeNull();
    await world.step();
    expect(textOf()).toContain('Approved by Ben. Started.');
    expect(textOf()).not.toContain('[');
    const [event] = await started(id);
    expect(event).toMatchObject({ actor: 'U2', data: { askedBy: ['U1'], decidedBy: ['U2'] } });
    await world.until('a node’s card', () => world.chat.last('approval') !== undefined);
    expect(world.chat.last('approval')?.mention).toEqual(['U2']);
    const approvalId = world.chat.ofKind('approval')[0]?.approval.id as string;
    expect((await world.bot.decide({ approvalId, decision: 'approve', user: 'U2' })).private).toBeNull();
  });

  test('their own press on another’s brief is that approval, and leaves somebody to approve nodes', async () => {
    const { id } = await toBrief('teach upper, budget 10 minutes, ask me above 2 seconds a branch');
    expect(await start(id, 'U2')).toBeNull();
    await world.until('a node’s card', () => world.chat.last('approval') !== undefined);
    const approvalId = world.chat.ofKind('approval')[0]?.approval.id as string;
    expect((await world.bot.decide({ approvalId, decision: 'approve', user: 'U2' })).private).toBeNull();
  });

  test('words go the same way as buttons, by a late word nothing starts', async () => {
    const { id, threadTs } = await toBrief();
    await world.say('go', { threadTs });
    await world.step();
    expect(open()).toBeDefined();
    await world.say('approve', { threadTs, user: 'U2', ts: threadTs });
    await world.step();
    expect(world.chat.privates.at(-1)).toMatchObject({
      user: 'U2',
      text: expect.stringContaining('came up after you wrote that'),
    });
    await world.say('approve', { threadTs, user: 'U2' });
    expect(await stateOf(id)).toBe('searching');
  });

  test('a rejection puts the brief back, by the requester it is taken back', async () => {
    const { id } = await toBrief();
    await start(id, 'U1');
    await world.step();
    expect(await decide(id, 'U2', 'reject')).toBeNull();
    await world.step();
    expect(textOf()).toContain('Not started: Ben rejected it.');
    expect(contentText(world.chat.last('brief')?.content ?? { kind: 'text', text: '' })).toContain('[Start]');
    await start(id, 'U1');
    await world.step();
    expect(await decide(id, 'U1', 'reject')).toBeNull();
    await world.step();
    expect(textOf()).toContain('Taken back by Ana.');
    await expectNothingSpent(id);
  });

  test('an approval is for exactly the brief that was shown', async () => {
    const { id, threadTs } = await toBrief();
    await start(id, 'U1');
    await world.step();
    const { questionId } = open() ?? {};
    await world.say('budget 2000 hours', { threadTs });
    await world.step();
    expect(open()).toBeUndefined();
    const old = { campaignId: id, request: questionId ?? '', decision: 'approve' as const, user: 'U2' };
    expect((await world.bot.decideStart(old)).private).toContain('The newest card in the thread counts.');
    await expectNothingSpent(id);
  });

  test('it survives a restart, and counts only while its person may say it', async () => {
    await makeWorld({ twoApproversAbove: { computeSeconds: 3, usd: null } });
    const { id } = await toBrief();
    await start(id, 'U1');
    await world.step();
    const restarted = (settings: object) =>
      createBot({ ...world.ctx, settings: { ...world.ctx.settings, ...settings } });
    const word = {
      campaignId: id,
      request: open()?.questionId ?? '',
      decision: 'approve' as const,
      user: 'U2',
    };
    expect((await restarted({ approvers: ['U2', 'U3'] }).decideStart(word)).private).toContain('counts');
    expect(await stateOf(id)).toBe('ready');
    expect(
      (await restarted({ approvers: ['U2', 'U3'] }).decideStart({ ...word, user: 'U3' })).private,
    ).toBeNull();
    expect(await stateOf(id)).toBe('searching');
  });

  test('where nobody is left who may, the person is told so and nothing waits in vain', async () => {
    await makeWorld({ approvers: ['U1'], noSelfApproval: true });
    const { id } = await toBrief();
    expect(await start(id, 'U1')).toContain('TREX_APPROVERS names them');
    expect(await stateOf(id)).toBe('ready');
    await makeWorld({
      approvers: ['U1', 'U2'],
      noSelfApproval: true,
      twoApproversAbove: { computeSeconds: 3, usd: null },
    });
    const other = await toBrief();
    expect(await start(other.id, 'U1')).toContain('the approval of two people');
    await world.step();
    expect(posted()).toBeUndefined();
  });
});

describe('two people above the line, approvers named, nobody approves their own', () => {
  beforeEach(() =>
    makeWorld({
      approvers: ['U2', 'U3'],
      noSelfApproval: true,
      twoApproversAbove: { computeSeconds: 3, usd: null },
    }),
  );

  test('the requester’s Start reserves nothing until both have approved', async () => {
    const { id } = await toBrief();
    expect(await start(id, 'U1')).toBeNull();
    await world.step();
    expect(textOf()).toContain('Ben and U3 have to approve it.');
    expect(posted()?.mention).toEqual(['U2', 'U3']);
    await expectNothingSpent(id);
    expect(await decide(id, 'U2')).toContain('one more person has to approve');
    await world.step();
    expect(textOf()).toContain('Approved by Ben; one more person has to approve.');
    await expectNothingSpent(id);
    expect(await decide(id, 'U3')).toBeNull();
    expect((await started(id))[0]?.data.decidedBy).toEqual(['U2', 'U3']);
  });

  test('a budget below the line takes one of them', async () => {
    const { id } = await toBrief('teach upper, exact match, budget 3 seconds, no need to ask');
    await start(id, 'U1');
    await world.step();
    expect(textOf()).toContain('Ben or U3 can approve it.');
    expect(await decide(id, 'U3')).toBeNull();
    expect(await stateOf(id)).toBe('searching');
  });

  test('both at once start it once', async () => {
    const { id } = await toBrief();
    await start(id, 'U1');
    await world.step();
    await Promise.all([decide(id, 'U2'), decide(id, 'U3'), decide(id, 'U2')]);
    expect(await started(id)).toHaveLength(1);
  });
});

describe('a brief is for its requester and the approvers to shape', () => {
  const refusal = /^You may not .*: it is a request of Ana\. Ana or Ben can\. Nothing was changed\.$/;
  beforeEach(() => makeWorld({ approvers: ['U2'] }));

  test('a stranger’s form, words, Start and Cancel change nothing and are answered to them alone', async () => {
    const { id, threadTs } = await toBrief('teach upper, exact match, budget 10 minutes');
    const before = (await campaignOf(id)).brief;
    const [briefs] = [world.chat.ofKind('brief').length];
    await expect(world.bot.editValues({ campaignId: id, user: 'U3' })).rejects.toThrow(refusal);
    expect(await world.bot.edit({ campaignId: id, user: 'U3', values: { budget: '900 hours' } })).toEqual({
      private: expect.stringMatching(refusal),
    });
    await world.say('budget 900 hours, no need to ask', { threadTs, user: 'U3' });
    await world.say('go', { threadTs, user: 'U3' });
    await world.say('cancel', { threadTs, user: 'U3' });
    expect(await start(id, 'U3')).toMatch(refusal);
    expect((await world.bot.cancel({ campaignId: id, user: 'U3' })).private).toMatch(refusal);
    await expectNothingSpent(id);
    expect((await campaignOf(id)).brief).toEqual(before);
    expect(world.chat.ofKind('brief')).toHaveLength(briefs as number);
    expect(world.chat.privates.map(({ user, text }) => [user, refusal.test(text)])).toEqual(
      Array.from({ length: 3 }, () => ['U3', true]),
    );
  });

  test('nor do their answers to its questions', async () => {
    await world.say('teach upper, exact match');
    await world.until('a question', () => world.chat.last('question') !== undefined, 5);
    const question = world.chat.last('question');
    if (question?.content.kind !== 'question') throw new Error('no question');
    const { campaignId, question: asked } = question.content;
    const { press } = createClicks(world.bot);
    const action = { id: `answer:${campaignId}:${asked.field}`, value: asked.options[0]?.value ?? '' };
    expect((await press({ ...action, user: 'U3' })).told[0]).toMatch(refusal);
    expect(await stateOf(campaignId)).toBe('intake');
    expect((await press({ ...action, user: 'U2' })).told).toEqual([]);
  });

  test('an approver may change it, and a requester without the right as long as nothing has started', async () => {
    const { id } = await toBrief('teach upper, exact match, budget 10 minutes');
    for (const [user, budget] of [
      ['U2', '20 min'],
      ['U1', '30 min'],
    ] as const) {
      expect(await world.bot.edit({ campaignId: id, user, values: { budget } })).toEqual({ private: null });
      expect((await campaignOf(id)).brief?.budget.computeSeconds).toBe(60 * Number.parseFloat(budget));
    }
  });
});

describe('the price of an hour before Start', () => {
  test('said by who may not decide is a proposal, that the approval of the Start confirms', async () => {
    await makeWorld({ usdPerHour: null, approvers: ['U2'] });
    const { id } = await toBrief(
      'teach upper, exact match, budget $5, an hour costs $0.01, no need to ask, full only',
    );
    expect((await campaignOf(id)).brief?.price).toEqual({ usdPerHour: 0.01, saidBy: 'Ana' });
    await start(id, 'U1');
    await world.step();
    expect(textOf()).toContain('An hour on one slot costs $0.01, as Ana said');
    await expectNothingSpent(id);
    expect(await decide(id, 'U2')).toBeNull();
    expect(await stateOf(id)).toBe('searching');
  });

  test('is held against the line in hours: a low one buys many', async () => {
    await makeWorld({ usdPerHour: null, twoApproversAbove: { computeSeconds: 3600, usd: null } });
    const { id } = await toBrief(
      'teach upper, exact match, budget $5, an hour costs $0.01, no need to ask, full only',
    );
    await start(id, 'U1');
    await world.step();
    expect(textOf()).toContain('Two people have to approve it.');
  });
});

describe('a button of a Start that waits', () => {
  test('reaches the verb by its own id, from whoever Slack says pressed it', async () => {
    await makeWorld({ approvers: ['U2'] });
    const { id } = await toBrief();
    await start(id, 'U1');
    await world.step();
    const { press } = createClicks(world.bot);
    const action = `begin:${id}:${open()?.questionId}:approve`;
    expect((await press({ id: `${action}:U2`, value: 'U2', user: 'U1' })).told).toEqual([
      'You may not decide about money here. Ben can.',
    ]);
    expect((await press({ id: action, user: 'U2' })).told).toEqual([]);
    expect(await stateOf(id)).toBe('searching');
    expect((await press({ id: action, user: 'U2' })).told).toEqual([
      'This was answered already: the campaign is searching.',
    ]);
  });
});
