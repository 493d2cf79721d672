import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeSummary } from '../../src/operations/delivery/post-summaries.ts';
import { harvestJobs } from '../../src/operations/jobs/harvest-jobs.ts';
import { pollJobs } from '../../src/operations/jobs/poll-jobs.ts';
import { submitJobs } from '../../src/operations/jobs/submit-jobs.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { reportMarkdown } from '../../src/report/final-report.ts';
import type { ModelSettings } from '../../src/researcher/model/ask.ts';
import { createRulesResearcher } from '../../src/researcher/rules/rules-researcher.ts';
import { createCampaignsLoop } from '../../src/scheduler/campaigns-loop.ts';
import { getCampaign, listCampaigns } from '../../src/store/campaigns.ts';
import { listIntakeEntries } from '../../src/store/intake-entries.ts';
import { listThinkingCalls } from '../../src/store/thinking-calls.ts';
import { type MockModel, mockKey, startMockModel } from '../support/model/mock-model.ts';
import { researcherAt } from '../support/model/open-researcher.ts';
import { schemaName, scriptedAnswer } from '../support/model/scripted-model.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { createWorld, transcript, type World } from '../support/world/create-world.ts';
import { emptyDatabase } from '../support/world/test-database.ts';
import { useDatabase } from '../support/world/use-world.ts';

// Whole campaigns: ten seconds each on an idle machine.
vi.setConfig({ testTimeout: 240_000 });

const database = useDatabase();
let world: World;
const closers: (() => Promise<void>)[] = [];

beforeEach(async () => {
  world = createWorld(database.db, { slots: 1 });
});
afterEach(async () => {
  world.dispose();
  for (const close of closers.splice(0)) await close();
});

async function serve(answer: Parameters<typeof startMockModel>[0]): Promise<MockModel> {
  const mock = await startMockModel(answer);
  closers.push(mock.stop);
  return mock;
}

const think = (baseUrl: string, over: Partial<ModelSettings> = {}): void => {
  world.ctx.researcher = researcherAt(baseUrl, { retries: 0, ...over }, { clock: world.clock });
};

const request = 'teach upper, exact match, budget 6 minutes, one at a time, no need to ask, full only';
const viewOf = (id: string) => loadView({ ctx: world.ctx, campaignId: id });

async function play(asked = request): Promise<string> {
  const id = await world.begin(asked);
  await world.finish(id);
  await world.step();
  return id;
}

const fallbacks = (): string[] =>
  world.chat
    .ofKind('text')
    .flatMap(({ text }) => (/language model|limit for thinking/.test(text) ? [text] : []));

describe('a campaign with a language model', () => {
  test('goes from a sentence to a report; plans, diagnoses and tokens are kept', async () => {
    const mock = await serve(scriptedAnswer);
    think(mock.baseUrl);
    const id = await play();
    const view = await viewOf(id);
    expect(fallbacks()).toEqual([]);
    expect(view.final?.testDifference.low).toBeGreaterThan(0);
    const planned = view.nodes.filter((n) => n.parent !== null);
    expect(planned.length).toBeGreaterThan(3);
    expect(planned.every((n) => /^learning rate /.test(n.title))).toBe(true);
    const scored = planned.filter((n) => n.state === 'scored');
    expect(scored.every((n) => n.diagnosis?.directions?.[0]?.text === 'Train a little longer.')).toBe(true);

    const calls = await listThinkingCalls(database.db, id);
    expect(calls).toHaveLength(mock.requests.length);
    expect(calls.filter((c) => c.purpose === 'intake').map((c) => c.node)).toEqual([null]);
    for (const { number } of scored) {
      const own = calls.filter((c) => c.node === number).map((c) => c.purpose);
      expect(own).toContain('propose');
      expect(own).toContain('diagnose');
    }
    expect(view.thinking).toEqual({
      calls: calls.length,
      inputTokens: 1500 * calls.length,
      outputTokens: 200 * calls.length,
      usd: expect.closeTo(0.0035 * calls.length, 6),
      unpricedCalls: 0,
    });
    // Thinking has a limit of its own and is no part of the compute.
    expect(view.budget.spent.usd).toBe(0);
    const [report] = world.chat.ofKind('report');
    expect(report?.lines.join('\n')).toContain(`Thinking with a language model: ${calls.length} calls`);
    expect(reportMarkdown(view)).toContain('Thinking with a language model');
    const where = { teamId: 'T1', channel: 'C1' };
    const summary = await makeSummary(world.ctx, where, world.clock.now(), '2026-03-03');
    expect(summary.totals).toContain(`Thinking: ${calls.length} calls`);
  });

  test('keeps what it read of a message, and asks once', async () => {
    const mock = await serve(scriptedAnswer);
    think(mock.baseUrl);
    const id = await world.begin(`${request}. Is LoRA better?`);
    const [entry] = await listIntakeEntries(database.db, id);
    expect(entry?.entry).toMatchObject({ reading: { values: { budget: '6 minutes' } } });
    expect(transcript(world.chat)).not.toContain('problem');
    expect(mock.requests).toHaveLength(1);
  });

  test('goes on by the rules when the server dies in the middle, says so once, and thinks again later', async () => {
    let dead = false;
    const mock = await serve((asked, index) =>
      dead ? { error: { message: 'down' }, status: 503 } : scriptedAnswer(asked, index),
    );
    think(mock.baseUrl);
    const id = await world.begin(
      'teach upper, exact match, budget 15 minutes, one at a time, no need to ask, full only, at most 11 experiments',
    );
    await world.until('two rounds', async () => (await viewOf(id)).nodes.length === 3);
    dead = true;
    await world.until('three more', async () => (await viewOf(id)).nodes.length === 6);
    await world.step();
    expect(fallbacks()).toHaveLength(1);
    expect(fallbacks()[0]).toMatch(
      /^The language model gave no usable answer \(it reported an error of its own\); the rules (planned|explained) node #\d/,
    );
    dead = false;
    const before = mock.requests.length;
    world.clock.advance(16 * 60_000);
    await world.until('it thinks again', () => mock.requests.length > before + 2);
    dead = true;
    world.clock.advance(16 * 60_000);
    await world.finish(id);
    await world.step();
    // A second streak, and a second word.
    expect(fallbacks()).toHaveLength(2);
  });

  test('stops thinking at its cap, says so once, and ends by the rules', async () => {
    const mock = await serve(scriptedAnswer);
    think(mock.baseUrl, { cap: { tokens: 25_000, usd: null } });
    const id = await play();
    const view = await viewOf(id);
    expect(view.thinking.inputTokens + view.thinking.outputTokens).toBeLessThanOrEqual(25_000);
    expect(view.thinking.calls).toBeGreaterThan(2);
    expect(fallbacks()).toEqual([
      expect.stringContaining('The limit for thinking in this campaign is reached'),
    ]);
    expect(view.final).not.toBeNull();
  });

  test('of a model that plans rounds nobody can pay ends by the rules’ rounds, not early', async () => {
    const mock = await serve((asked, index) => {
      const reply = scriptedAnswer(asked, index) as { content: string };
      const answer = JSON.parse(reply.content) as { trials?: { epochs: number }[] };
      const dear = answer.trials?.map((trial) => ({ ...trial, epochs: 70 }));
      return dear === undefined ? reply : { ...reply, content: JSON.stringify({ ...answer, trials: dear }) };
    });
    think(mock.baseUrl);
    const view = await viewOf(await play());
    expect(view.final).not.toBeNull();
    expect(view.nodes.length).toBeGreaterThan(2);
  });
});

test('a whole campaign is recorded and played again without the server, to the same tree', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'trex-recorded-'));
  closers.push(() => removeFolder(dir));
  const upstream = await serve(scriptedAnswer);
  const recorder = new LLMock({
    port: 0,
    logLevel: 'silent',
    record: { providers: { openai: upstream.baseUrl.replace(/\/v1$/, '') }, fixturePath: dir },
  });
  await recorder.start();
  closers.push(() => recorder.stop());
  const shape = async (id: string) =>
    (await viewOf(id)).nodes.map((n) => [n.number, n.parent, n.title, n.score, n.diagnosis]);
  think(`${recorder.url}/v1`);
  const small = 'teach upper, exact match, budget 3 minutes, one at a time, no need to ask, full only';
  const recorded = await shape(await play(small));
  expect(recorded.length).toBeGreaterThan(2);
  expect(fallbacks()).toEqual([]);

  const files = readdirSync(dir, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.json'));
  expect(files.length).toBeGreaterThan(0);
  for (const name of files) expect(readFileSync(join(dir, name), 'utf8')).not.toContain(mockKey);
  const replayer = new LLMock({ port: 0, logLevel: 'silent', strict: true });
  for (const name of files) replayer.loadFixtureFile(join(dir, name));
  await replayer.start();
  closers.push(() => replayer.stop());

  world.dispose();
  await emptyDatabase(database);
  world = createWorld(database.db, { slots: 1 });
  think(`${replayer.url}/v1`);
  const replayed = await shape(await play(small));
  expect(fallbacks()).toEqual([]);
  expect(replayed).toEqual(recorded);
});

test('a campaign that thinks for long does not hold up another', async () => {
  let answering = true;
  let answer: (() => void) | undefined;
  const thought = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const mock = await serve(async (asked, index) => {
    if (!answering) await thought;
    return scriptedAnswer(asked, index);
  });
  think(mock.baseUrl, { timeoutMs: 60_000 });
  const slow = await world.begin(request);
  answering = false;
  world.clock.advance(5000);
  const rules = createRulesResearcher();
  const modelled = world.ctx.researcher;
  // The second campaign plans by the rules.
  world.ctx.researcher = {
    ...modelled,
    read: rules.read,
    propose: (at, thinking) => (at.brief.goal.includes('quick') ? rules : modelled).propose(at, thinking),
    diagnose: rules.diagnose,
  };
  await world.say('teach upper, the quick way, budget 4 minutes, no need to ask, title: quick');
  await world.until('its card', () => world.chat.ofKind('brief').some((c) => c.campaignId !== slow), 5);
  const quick = world.chat.ofKind('brief').find((c) => c.campaignId !== slow)?.campaignId as string;
  await world.bot.start({ campaignId: quick, user: 'U1' });
  const loop = createCampaignsLoop(world.ctx, 'test', { everyMs: 300, leaseMs: 12_000 });
  const isDone = async () => (await getCampaign(database.db, quick)).state === 'finished';
  for (let i = 0; i < 600 && !(await isDone()); i++) {
    await submitJobs({ ctx: world.ctx });
    await pollJobs({ ctx: world.ctx });
    await harvestJobs({ ctx: world.ctx });
    const pass = loop.runOnce();
    // The pass waits two seconds for the slow one, by the clock of the test.
    await new Promise((resolve) => setTimeout(resolve, 20));
    world.clock.advance(2500);
    await pass;
  }
  expect(await isDone()).toBe(true);
  expect((await viewOf(slow)).nodes.filter((n) => n.parent !== null)).toHaveLength(0);
  answer?.();
  await loop.stop();
  expect((await viewOf(slow)).nodes.filter((n) => n.parent !== null).length).toBeGreaterThan(0);
});

test('a plan that people ruled out while the model thought about it is dropped', async () => {
  let said = '';
  const mock = await serve(async (asked, index) => {
    const reply = scriptedAnswer(asked, index) as { content: string };
    if (schemaName(asked) !== 'next_round' || said !== '') return reply;
    const answer = JSON.parse(reply.content) as { trials: object[] };
    const { id, threadTs } = (await listCampaigns(database.db, {}, 1))[0] as { id: string; threadTs: string };
    said = id;
    await world.say('drop LoRA', { threadTs });
    const trials = answer.trials.map((trial) => ({ ...trial, method: 'lora', loraRank: 8 }));
    return { ...reply, content: JSON.stringify({ ...answer, trials }) };
  });
  think(mock.baseUrl);
  const id = await world.begin('teach upper, exact match, budget 10 minutes, one at a time, no need to ask');
  await world.until('three rounds', async () => (await viewOf(id)).nodes.length > 3);
  expect(said).toBe(id);
  const trials = (await viewOf(id)).nodes.flatMap((n) => n.trials.map((t) => t.summary));
  expect(trials.some((summary) => summary.startsWith('LoRA'))).toBe(false);
});
