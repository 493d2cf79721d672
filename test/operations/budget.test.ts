import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CostLimit } from '../../src/campaign/brief.ts';
import type { Content } from '../../src/campaign/messages.ts';
import { createBot } from '../../src/operations/create-bot.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { limitText } from '../../src/report/format.ts';
import { statusText } from '../../src/report/sentences/status.ts';
import { contentText } from '../../src/report/transcript.ts';
import { getCampaign, updateCampaign } from '../../src/store/campaigns.ts';
import { listEvents } from '../../src/store/events.ts';
import { budgetLeft, ledgerTotals } from '../../src/store/ledger.ts';
import { createClicks } from '../support/clicks.ts';
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

type Question = Extract<Content, { kind: 'budget_reached' }>;
const questions = (): Question[] => world.chat.ofKind('budget_reached');
const asked = (): boolean => questions().some((q) => q.closed === null);
const open = (): Question => questions().find((q) => q.closed === null) as Question;
const campaignOf = (id: string) => getCampaign(database.db, id);
const viewOf = (id: string) => loadView({ ctx: world.ctx, campaignId: id });

/** Sets the cap as if it had been agreed on from the start. */
async function cap(id: string, computeSeconds: number): Promise<void> {
  const { brief } = await campaignOf(id);
  if (brief === null) throw new Error('no brief');
  await updateCampaign(database.db, id, { brief: { ...brief, budget: { computeSeconds, usd: null } } });
}
const capOf = async (id: string): Promise<number> =>
  (await campaignOf(id)).brief?.budget.computeSeconds as number;
const usedOf = async (id: string): Promise<number> => {
  const { spent, reserved } = await ledgerTotals(database.db, id);
  return spent.computeSeconds + reserved.computeSeconds;
};
/** A click on one of the buttons of a card, as Slack sends it. */
const press = (question: Question, which: number, user = 'U1') =>
  createClicks(world.bot).press({
    id: `raise:${question.campaignId}:${question.questionId}:${which}`,
    value: question.raises[which]?.value ?? '',
    user,
  });

/** Brought to the question "no training run fits". */
async function toQuestion(): Promise<{ id: string; threadTs: string; question: Question }> {
  const id = await world.begin();
  await cap(id, 4);
  await world.until('the question', asked);
  return { id, threadTs: (await campaignOf(id)).threadTs, question: open() };
}

/** Stands still, is asked once, says why, and spends nothing. */
async function expectHeld(id: string, overCap = 0): Promise<void> {
  const [runs, used] = [world.cluster.runs.size, await usedOf(id)];
  for (let i = 0; i < 10; i++) await world.step(60_000);
  expect(questions()).toHaveLength(1);
  expect([world.cluster.runs.size, await usedOf(id)]).toEqual([runs, used]);
  expect(['searching', 'confirming']).toContain((await campaignOf(id)).state);
  await expectNoContradiction(id);
  expect(used).toBeLessThanOrEqual((await capOf(id)) + overCap + 1e-6);
  expect(open().raises).toHaveLength(2);
}

/** Card, status and headline agree on whether something is left, and on how much. */
async function expectNoContradiction(id: string): Promise<void> {
  const { brief } = await campaignOf(id);
  const left = budgetLeft(brief?.budget as CostLimit, await ledgerTotals(database.db, id));
  const status = statusText(await viewOf(id));
  expect(status).toContain(`; ${limitText(left)} left.`);
  const isNothing = (left.computeSeconds as number) < 0.05;
  expect(status.includes('the budget is used up')).toBe(isNothing);
  expect(status.includes('what is left of the budget is not enough for')).toBe(!isNothing);
  expect(open().text.includes('used up')).toBe(isNothing);
}

describe('a cap that is hit pauses and asks', () => {
  test('when not even the untrained model can be measured', async () => {
    const id = await world.begin();
    await cap(id, 0.5);
    await world.until('the question', asked);
    expect(open().text).toContain('untrained model');
    await expectHeld(id);
    await press(open(), 1);
    await world.finish(id);
    expect((await viewOf(id)).final?.confirmations.length).toBeGreaterThan(0);
  });

  test('when no first run can be paid, with an amount that is enough to end well', async () => {
    const { id, question } = await toQuestion();
    expect(question.text).toMatch(
      /^The 3 s left are not enough for a training run \(about [\d.]+ m?i?n?s?, at most .*, and .* to confirm it and open the test rows; my estimate, not measured\)\./,
    );
    await expectHeld(id);
    await press(question, 0);
    await world.finish(id);
    expect(questions()).toHaveLength(1);
    expect(world.chat.last('problem')).toBeUndefined();
  });

  test('when the winner cannot be repeated', async () => {
    const id = await world.begin('teach upper, budget 10 minutes, no need to ask, one at a time');
    await world.until('a trained round', async () => (await viewOf(id)).nodes[1]?.state === 'scored');
    await world.until('the question', async () => {
      await cap(id, await usedOf(id));
      return asked();
    });
    expect(open().text).toContain('fresh seed');
    expect((await campaignOf(id)).state).toBe('confirming');
    await expectHeld(id);
    await press(open(), 0);
    await world.finish(id);
    expect((await viewOf(id)).final?.confirmations.length).toBeGreaterThan(0);
  });

  test('when the untrained model has to be measured again', async () => {
    const id = await world.begin();
    await world.until('its run', () => world.cluster.runs.size === 1);
    const [first] = [...world.cluster.runs.keys()];
    await cap(id, 3);
    world.cluster.end(first as string, 'lost');
    await world.until('the question', asked);
    expect(open().text).toMatch(
      /not enough for measuring the untrained model again \(.*\)\. The first try was lost by the cluster\./,
    );
    await expectHeld(id);
    await press(open(), 1);
    await world.until('a second run', () => world.cluster.runs.size === 2);
    expect([...world.cluster.runs.keys()][1]).toBe(first?.replace(/-a1$/, '-a2'));
    await world.finish(id);
    expect((await viewOf(id)).final?.baselineTest).toBeDefined();
  });

  test('when answers to the test rows have to be given again, for all of them at once', async () => {
    const id = await world.begin('teach upper, budget 5 minutes, no need to ask, one at a time');
    const tests = (): string[] => [...world.cluster.runs.keys()].filter((key) => key.includes('-test-'));
    await world.until('the test is open', () => tests().length > 0);
    const used = await usedOf(id);
    await cap(id, used);
    world.cluster.end(tests()[0] as string, 'timeout');
    await world.until('the next', () => tests().length > 1);
    world.cluster.end(tests()[1] as string, 'lost');
    await world.until('the question', asked);
    expect(open().text).toMatch(
      /measuring the test rows again \(.*The first try took longer than its ceiling/,
    );
    expect((await campaignOf(id)).state).toBe('confirming');
    await press(open(), 1);
    await world.finish(id);
    expect(questions()).toHaveLength(1);
    expect(tests().map((key) => key.slice(-2))).toEqual(['a1', 'a1', 'a2', 'a2']);
  });

  test('when the test rows cannot be opened', async () => {
    const id = await world.begin('teach upper, budget 3 minutes, no need to ask, one at a time');
    await world.until('a repeat', async () =>
      (await listEvents(database.db, id)).some((e) => e.name === 'repeat.launched'),
    );
    // Somebody lowers it while the repeat runs.
    await cap(id, (await ledgerTotals(database.db, id)).spent.computeSeconds + 1);
    await world.until('the question', asked);
    expect(open().text).toContain('test rows');
    // The repeat had its money before the cap was lowered.
    await expectHeld(id, 60);
    await press(open(), 0);
    await world.finish(id);
  });

  test('when what waits for a yes can no longer be paid; a no ends it as well as money does', async () => {
    const id = await world.begin('teach upper, budget 10 minutes, ask me above 2 seconds a branch');
    await world.until('all cards', () => world.chat.ofKind('text').some((c) => c.text.includes('still')));
    await cap(id, (await usedOf(id)) + 2);
    await world.until('the question', asked);
    expect(open().text).toMatch(/still wait.*Reject, and I finish/);
    await expectHeld(id);
    for (const { approval } of world.chat.ofKind('approval'))
      await world.bot.decide({ approvalId: approval.id, decision: 'reject', user: 'U1' });
    await world.step();
    expect(questions()[0]?.closed).toBe('No longer needed.');
  });

  test('not while there is a winner to end with: then the search ends by itself', async () => {
    const id = await world.begin('teach upper, budget 5 minutes, no need to ask');
    await world.finish(id);
    expect(questions()).toEqual([]);
  });
});

describe('the budget is raised', () => {
  test('by a button: the amount on the card, at once, and the card says who', async () => {
    const { id, question } = await toQuestion();
    expect(question.raises.map((r) => r.label)).toEqual(question.raises.map((r) => `Add ${r.value}`));
    const before = world.cluster.runs.size;
    expect(await press(question, 0, 'U2')).toMatchObject({ acknowledgedFirst: true, told: [] });
    expect(await capOf(id)).toBe(4 + 60 * Number.parseFloat(question.raises[0]?.value ?? ''));
    await world.step();
    await world.step();
    expect(world.cluster.runs.size).toBeGreaterThan(before);
    expect(contentText(questions()[0] as Question)).toMatch(/Ben added \d+ min: it is .* now\.$/);
    const [row] = (await listEvents(database.db, id)).filter((e) => e.name === 'budget.changed');
    expect(row).toMatchObject({
      actor: 'U2',
      data: { from: { computeSeconds: 4 }, question: question.questionId },
    });
  });

  test('by a word, which answers the question on the card too', async () => {
    const { id, threadTs, question } = await toQuestion();
    await world.order('raise the budget to 5 min', { threadTs });
    await world.step();
    expect(await capOf(id)).toBe(300);
    expect(questions()[0]?.closed).toBe('Ana made it 5 min.');
    expect((await press(question, 0)).told[0]).toContain('answered already: the budget is 5 min');
    await world.finish(id);
  });

  test('by a person without the right it is not, by button or by word; lowering is free', async () => {
    await makeWorld({ approvers: ['U2'] });
    const { id, threadTs, question } = await toQuestion();
    expect((await press(question, 0, 'U1')).told).toEqual(['You may not decide about money here. Ben can.']);
    await world.order('add 5 min', { threadTs });
    await world.order('set the budget to $5', { threadTs });
    await world.step();
    expect(await capOf(id)).toBe(4);
    expect(asked()).toBe(true);
    expect(world.chat.ofKind('text').some((c) => c.text.includes('Ben can. The budget stays 4 s.'))).toBe(
      true,
    );
    await world.order('set the budget to 3 s', { threadTs });
    expect(await capOf(id)).toBe(3);
    await world.until('the question again', () => questions().length === 2);
    expect((await press(open(), 0, 'U2')).told).toEqual([]);
    expect(await capOf(id)).toBeGreaterThan(60);
  });

  test('above the line by two people, with the same words or the same button', async () => {
    await makeWorld({ twoApproversAbove: { computeSeconds: 100, usd: null } });
    const { id, threadTs, question } = await toQuestion();
    expect(question.raises[1]?.value).toBe('10 min');
    const told = (await press(question, 1, 'U1')).told[0];
    expect(told).toMatch(/^Your yes to 10\.1 min counts\..*one more person.*stays 4 s until then\.$/);
    expect((await press(question, 1, 'U1')).told[0]).toContain('nobody counts twice');
    await world.step();
    expect(contentText(open())).toContain('Ana said yes to 10.1 min in all; one more person has to.');
    expect(await capOf(id)).toBe(4);
    // Another amount is another question; one that is below the line needs nobody else.
    await world.order('add 20 min', { threadTs, user: 'U2' });
    expect(await capOf(id)).toBe(4);
    await world.order('add 10 min', { threadTs, user: 'U2' });
    expect(await capOf(id)).toBe(604);
    await world.step();
    expect(questions()[0]?.closed).toBe('Ana and Ben made it 10.1 min.');
    // What was said to the old budget no longer counts.
    await world.order('raise the budget to 1204 s', { threadTs, user: 'U1' });
    expect(await capOf(id)).toBe(604);
    await world.order('add 1 min', { threadTs, user: 'U1' });
    expect(await capOf(id)).toBe(664);
  });

  test('not alone by who asked for the work, where that is ruled out', async () => {
    await makeWorld({ noSelfApproval: true });
    const { id, threadTs, question } = await toQuestion();
    const told = (await press(question, 1, 'U1')).told[0];
    expect(told).toBe(
      'You asked for this work yourself, and here somebody else has to approve it. Anybody else here can.',
    );
    await world.order('add 5 min', { threadTs });
    await world.step();
    expect(world.chat.last('text')?.content).toMatchObject({
      text: expect.stringContaining('The budget stays 4 s.'),
    });
    expect(await capOf(id)).toBe(4);
    await world.order('set the budget to 3 s', { threadTs });
    expect(await capOf(id)).toBe(3);
    await world.order('add 5 min', { threadTs, user: 'U2' });
    expect(await capOf(id)).toBe(303);
  });

  test('once, when two people press at once', async () => {
    const { id, question } = await toQuestion();
    const replies = await Promise.all([press(question, 0, 'U1'), press(question, 1, 'U2')]);
    expect(replies.flatMap((r) => r.told)).toHaveLength(1);
    const changes = (await listEvents(database.db, id)).filter((e) => e.name === 'budget.changed');
    expect(changes.map((e) => e.data.to)).toEqual([{ computeSeconds: await capOf(id), usd: null }]);
  });

  test('once, when two people write at once: the second has confirmed a raise of another budget', async () => {
    const { id, threadTs } = await toQuestion();
    const people = ['U1', 'U2'];
    await Promise.all(people.map((user) => world.say('add 5 min', { threadTs, user })));
    await world.step();
    await world.step();
    const cards = world.chat.ofKind('confirmation');
    await Promise.all(
      cards.map(({ campaignId, confirmationId }, i) =>
        world.bot.confirm({ campaignId, confirmationId, choice: 'yes', user: people[i] ?? '' }),
      ),
    );
    await world.step();
    expect(await capOf(id)).toBe(304);
    const answers = world.chat.ofKind('confirmation').map(({ closed }) => closed);
    expect(answers.filter((closed) => closed?.includes('by now, so I have changed nothing'))).toHaveLength(1);
  });

  test('by a click after a restart, and not by one on an older question', async () => {
    const { id, threadTs, question } = await toQuestion();
    await world.order('raise the budget to 5 s', { threadTs });
    await world.until('a second question', () => questions().length === 2);
    const bot = createBot({ ...world.ctx });
    const input = { campaignId: id, user: 'U1' };
    const old = await bot.raiseBudget({
      ...input,
      question: question.questionId,
      value: question.raises[0]?.value ?? '',
    });
    expect(old.private).toContain('answered already');
    const strange = await bot.raiseBudget({ ...input, question: open().questionId, value: '1000 h' });
    expect(strange.private).toContain('not on the card');
    expect(await capOf(id)).toBe(5);
    const value = open().raises[0]?.value ?? '';
    expect((await bot.raiseBudget({ ...input, question: open().questionId, value })).private).toBeNull();
    expect(await capOf(id)).toBeGreaterThan(60);
  });

  test('no more once the campaign is stopped: the buttons are gone and say why', async () => {
    const { threadTs, question } = await toQuestion();
    await world.order('stop', { threadTs });
    await world.step();
    expect(questions()[0]?.closed).toBe('Stopped.');
    expect((await press(question, 0)).told[0]).toContain('is stopped');
  });

  test('while it is paused: it stays paused', async () => {
    const { id, threadTs, question } = await toQuestion();
    await world.say('pause', { threadTs });
    await press(question, 0);
    expect(await campaignOf(id)).toMatchObject({ paused: true, heldBecause: 'paused by Ana' });
    await world.say('resume', { threadTs });
    await world.finish(id);
  });
});
