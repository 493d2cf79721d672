import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadView } from '../../src/operations/view/load-view.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { ledgerTotals } from '../../src/store/ledger.ts';
import { createWorld, transcript, type World } from '../support/world/create-world.ts';
import { emptyDatabase } from '../support/world/test-database.ts';
import { useDatabase } from '../support/world/use-world.ts';

const database = useDatabase();
let world: World;

beforeEach(async () => {
  world = createWorld(database.db);
});
afterEach(() => world.dispose());

const stateOf = async (id: string): Promise<string> => (await getCampaign(database.db, id)).state;
const viewOf = (id: string) => loadView({ ctx: world.ctx, campaignId: id });

describe('a campaign', () => {
  test('goes from a sentence to a report, and pays for every job once', async () => {
    const id = await world.begin();
    await world.finish(id);
    await world.step();
    const view = await viewOf(id);
    expect(view.nodes.length).toBeGreaterThan(3);
    expect(view.final?.bestTest.value).toBeGreaterThan(0.6);
    expect(view.final?.testDifference.low).toBeGreaterThan(0);
    expect(view.final?.confirmations.length).toBeGreaterThanOrEqual(2);
    expect([...world.cluster.runs.values()].every((n) => n === 1)).toBe(true);
    const limit = view.brief?.budget.computeSeconds as number;
    expect(view.budget.spent.computeSeconds).toBeLessThanOrEqual(limit);
    expect(view.budget.reserved).toEqual({ computeSeconds: 0, usd: 0 });
    expect(world.chat.ofKind('report')).toHaveLength(1);
  });

  test('the same seed grows the same tree', async () => {
    const trees: string[] = [];
    for (let run = 0; run < 2; run++) {
      await emptyDatabase(database);
      world.dispose();
      world = createWorld(database.db, { slots: 1 });
      const id = await world.begin('teach upper, budget 6 minutes, one at a time, no need to ask');
      await world.finish(id);
      const view = await viewOf(id);
      trees.push(JSON.stringify(view.nodes.map((n) => [n.number, n.parent, n.title, n.score, n.state])));
    }
    expect(trees[0]).toBe(trees[1]);
  });

  test('standard tasks are measured with the test, within what was set aside for them, and a drop is told', async () => {
    world.dispose();
    world = createWorld(database.db, { standardSeconds: 40 });
    const id = await world.begin();
    await world.finish(id);
    await world.step();
    const view = await viewOf(id);
    expect(view.final?.standardTasks).toMatchObject([
      { task: 'arc_easy', before: { value: 0.6 }, after: { value: 0.4 }, verdict: 'worse' },
    ]);
    const tests = (await listJobs(database.db, id)).filter(({ kind }) => kind === 'test');
    expect(tests.map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(tests.every(({ runSeconds }) => runSeconds > 40)).toBe(true);
    const limit = view.brief?.budget.computeSeconds as number;
    expect(view.budget.spent.computeSeconds).toBeLessThanOrEqual(limit);
    expect(world.chat.ofKind('report')[0]?.lines.join('\n')).toContain(
      'arc_easy is worse than before by more than noise',
    );
  });

  test('a run that is killed from outside runs once more, which is said, and the second end fails its node', async () => {
    const id = await world.begin('teach upper, exact match, budget 30 minutes, no need to ask, full only');
    const attempts = (): string[] => [...world.cluster.runs.keys()].filter((key) => key.includes('-n1-'));
    await world.until('a run', () => attempts().length > 0);
    await world.step(2000);
    world.cluster.end(attempts()[0] as string, 'failed');
    await world.until('another attempt', () => attempts().length === 2);
    expect(attempts()[1]).toMatch(/-run-a2$/);
    const said = world.chat.messages.flatMap(({ content }) =>
      content.kind === 'text' ? [content.text] : [],
    );
    expect(said.filter((text) => /^#1.*was ended after \d+ s.*I run it once more\./.test(text))).toHaveLength(
      1,
    );
    await world.step(2000);
    world.cluster.end(attempts()[1] as string, 'failed');
    await world.until('the failure', async () => (await viewOf(id)).nodes[1]?.state === 'failed');
    const failed = (await viewOf(id)).nodes[1];
    expect(failed?.failure).toMatchObject({ code: 'killed', fault: 'cluster' });
    // Both attempts are paid for.
    expect(failed?.cost.computeSeconds).toBeGreaterThanOrEqual(4);
    await world.step();
    expect(world.chat.ofKind('failure')[0]?.node.number).toBe(1);
    expect(attempts()).toHaveLength(2);
    await world.say('stop', { threadTs: (await getCampaign(database.db, id)).threadTs });
  });

  test('a job that the cluster lost runs again under a new key', async () => {
    const id = await world.begin();
    await world.until('a run', () =>
      [...world.cluster.runs.keys()].some((key) => key.includes('-n1-t0-run-a1')),
    );
    const lost = [...world.cluster.runs.keys()].find((key) => key.includes('-n1-t0-run-a1')) as string;
    world.cluster.end(lost, 'lost');
    await world.until('a second attempt', () =>
      [...world.cluster.runs.keys()].some((key) => key.includes('-n1-t0-run-a2')),
    );
    await world.finish(id);
  });

  test('stop cancels what runs, gives the money back and starts nothing more', async () => {
    const id = await world.begin();
    const campaign = await getCampaign(database.db, id);
    await world.until('a run', () => world.cluster.runs.size >= 2);
    await world.order('stop', { threadTs: campaign.threadTs });
    expect(await stateOf(id)).toBe('stopped');
    const started = world.cluster.runs.size;
    for (let i = 0; i < 10; i++) await world.step();
    expect(world.cluster.runs.size).toBe(started);
    expect((await ledgerTotals(database.db, id)).reserved.computeSeconds).toBe(0);
    const view = await viewOf(id);
    expect(view.nodes.every((n) => n.state !== 'running' && n.state !== 'planned')).toBe(true);
  });

  test('pause starts nothing new until resume', async () => {
    const id = await world.begin();
    const { threadTs } = await getCampaign(database.db, id);
    await world.until('a scored baseline', async () => (await viewOf(id)).nodes[0]?.state === 'scored');
    await world.say('pause', { threadTs });
    for (let i = 0; i < 60; i++) await world.step();
    const nodes = (await viewOf(id)).nodes.length;
    for (let i = 0; i < 20; i++) await world.step();
    expect((await viewOf(id)).nodes.length).toBe(nodes);
    expect((await viewOf(id)).heldBecause).toBe('paused by Ana');
    await world.say('resume', { threadTs });
    await world.finish(id);
  });

  test('two campaigns at once do not touch each other', async () => {
    const one = await world.begin('teach upper, budget 5 minutes, no need to ask');
    world.clock.advance(5000);
    await world.say('teach upper, budget 4 minutes, no need to ask, title: the second');
    await world.until('a second card', () => world.chat.ofKind('brief').some((c) => c.campaignId !== one), 5);
    const other = world.chat.ofKind('brief').find((c) => c.campaignId !== one)?.campaignId as string;
    await world.bot.start({ campaignId: other, user: 'U1' });
    await world.finish(one);
    await world.finish(other);
    const keys = [...world.cluster.runs.keys()];
    expect(keys.some((k) => k.includes(one)) && keys.some((k) => k.includes(other))).toBe(true);
    expect([...world.cluster.runs.values()].every((n) => n === 1)).toBe(true);
  });

  test('people who talk to each other in the thread are not answered, a clear command is', async () => {
    const id = await world.begin();
    const { threadTs } = await getCampaign(database.db, id);
    await world.step();
    const before = world.chat.messages.length;
    const taken = await world.bot.message({
      teamId: 'T1',
      channel: 'C1',
      ts: '1.2',
      threadTs,
      user: 'U2',
      text: 'I will look at this after lunch, what do you think?',
      files: [],
      mentioned: false,
      direct: false,
    });
    expect(taken).toBe(false);
    expect(world.chat.messages.length).toBe(before);
    await world.say('status', { threadTs, mentioned: false, user: 'U2' });
    await world.step();
    expect(world.chat.last('text')?.threadTs).toBe(threadTs);
    expect(transcript(world.chat)).toContain('of 10 min');
  });

  test('the same message delivered twice counts once', async () => {
    const ts = await world.say('teach upper');
    await world.say('teach upper', { ts });
    await world.step();
    await world.step();
    expect(world.chat.ofKind('question').length + world.chat.ofKind('brief').length).toBe(1);
  });
});
