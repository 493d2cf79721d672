import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TrexError } from '../../src/lib/errors.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { ledgerTotals } from '../../src/store/ledger.ts';
import { listNodes } from '../../src/store/nodes.ts';
import { listTrials, type TrialRow } from '../../src/store/trials.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { emptyDatabase } from '../support/world/test-database.ts';
import { useDatabase } from '../support/world/use-world.ts';

const database = useDatabase();
let world: World;

beforeEach(() => makeWorld({ formula: 10 }));
afterEach(() => world.dispose());

async function makeWorld(options: Parameters<typeof createWorld>[1]): Promise<void> {
  await emptyDatabase(database);
  world?.dispose();
  world = createWorld(database.db, options);
}

const request = 'teach upper, exact match, budget 4 min, no need to ask, full only, one at a time';
const said = (start: string): string[] =>
  world.chat.ofKind('text').flatMap(({ text }) => (text.startsWith(start) ? [text] : []));
const probes = (): string[] => [...world.cluster.runs.keys()].filter((key) => key.includes('-probe-'));
const probeTrials = async (id: string): Promise<TrialRow[]> =>
  (await listTrials(database.db, id)).filter(({ purpose }) => purpose === 'probe');
const asked = (): boolean => world.chat.ofKind('budget_reached').length > 0;

describe('a formula that says ten times too much', () => {
  test('is checked by a probe before it refuses anything, and the run that fits is trained', async () => {
    const id = await world.begin(request);
    await world.finish(id);
    expect(said('A training run would take about 8 min by my formula')).toEqual([
      expect.stringContaining('Before I believe it I measure 3 real steps of it, at most 1 min.'),
    ]);
    expect(said('Measured:')).toEqual([
      'Measured: a step takes 0.3 s here (3 steps); my formula said 3 s. I plan with what was measured.',
    ]);
    expect(probes()).toHaveLength(1);
    expect(asked()).toBe(false);
    const trained = (await listNodes(database.db, id)).filter((n) => n.parentId !== null);
    expect(trained.some((n) => n.state === 'scored')).toBe(true);
    // Whole, and not the twenty rows that the formula would have left.
    expect(trained[0]?.trace?.at(-1)?.after).toBe(600);
  });

  test('is announced on the card, where a formula alone says that the budget trains nothing', async () => {
    await makeWorld({ formula: 200 });
    await world.begin(request);
    const [card] = world.chat.ofKind('brief');
    expect(card?.worth).toMatchObject({ nodes: { high: 0 }, isMeasured: false, isProbed: true });
  });

  test('the probe is reserved and paid for like any job, trains a few rows once, and leaves the tree alone', async () => {
    const id = await world.begin(request);
    await world.until('the probe', () => probes().length === 1);
    const [probe] = await probeTrials(id);
    const job = (await listJobs(database.db, id)).find(({ kind }) => kind === 'probe');
    expect(job?.key).toBe(`trex-${id}-n0-t1-probe-a1`);
    expect((await ledgerTotals(database.db, id)).reserved.computeSeconds).toBe(job?.limitSeconds);
    expect(probe?.spec.training).toMatchObject({ batchSize: 16, epochs: 1 });
    const before = (await ledgerTotals(database.db, id)).spent.computeSeconds;
    await world.until('its end', async () => (await probeTrials(id))[0]?.state === 'scored');
    const { spent } = await ledgerTotals(database.db, id);
    expect(spent.computeSeconds).toBeGreaterThan(before);
    expect(spent.computeSeconds - before).toBeLessThan(5);
    expect((await probeTrials(id))[0]?.outcome?.pace).toEqual({ steps: 3, secondsPerStep: 0.32 });
  });

  test('is checked once, whatever the bot forgets in between', async () => {
    const id = await world.begin(request);
    world.cluster.afterSubmit = () => {
      if (probes().length === 0) return;
      world.cluster.afterSubmit = null;
      throw new TrexError('cluster_silent', 'cluster', 'the answer was lost');
    };
    await world.until('a trained node', async () => (await listNodes(database.db, id)).length > 1);
    await world.finish(id);
    expect([...world.cluster.runs.values()].every((count) => count === 1)).toBe(true);
    expect(await probeTrials(id)).toHaveLength(1);
    expect(said('Measured:')).toHaveLength(1);
    // What was measured counts for the next campaign, too.
    const cards = world.chat.ofKind('brief').length;
    await world.say(request);
    await world.until('its card', () => world.chat.ofKind('brief').length > cards, 5);
    const next = world.chat.ofKind('brief').at(-1)?.campaignId as string;
    await world.bot.start({ campaignId: next, user: 'U1' });
    await world.until('a node of its own', async () => (await listNodes(database.db, next)).length > 1);
    expect(await probeTrials(next)).toEqual([]);
  });
});

describe('what a probe has measured', () => {
  test('is told where not even that fits', async () => {
    await makeWorld({ formula: 1, times: 400 });
    const id = await world.begin(request);
    await world.until('the question', asked, 600);
    expect(probes()).toHaveLength(1);
    expect((await probeTrials(id))[0]?.state).toBe('failed');
    expect(world.chat.ofKind('budget_reached')[0]?.text).toContain('my estimate, not measured');
    expect(said('I could not measure what a step takes')).toHaveLength(1);
  });

  test('makes the run as small as the money, and says what the whole one takes', async () => {
    await makeWorld({ formula: 0.5, times: 8 });
    const id = await world.begin(request);
    await world.until(
      'a smaller run, or the question',
      async () => said('#1 trains on').length > 0 || asked(),
    );
    expect(said('#1 trains on')[0]).toMatch(
      /^#1 trains on \d+ rows for 1 epoch \(about [\d.]+ s\): the [\d.]+ min left do not hold a run on 600 rows for 4 epochs \(about [\d.]+ min; measured: 3 steps at 3 s\)/,
    );
    await world.finish(id);
  });
});

describe('no probe is made', () => {
  test('where people are asked about every amount', async () => {
    const id = await world.begin(
      'teach upper, exact match, budget 4 min, always ask, full only, one at a time',
    );
    await world.until('a card or a question', () => asked() || world.chat.ofKind('approval').length > 0);
    expect(await probeTrials(id)).toEqual([]);
  });

  test('by an engine whose price needs none', async () => {
    await makeWorld({ times: 10 });
    const id = await world.begin(request);
    await world.until('a smaller run', () => said('#1 trains on').length > 0);
    expect(await probeTrials(id)).toEqual([]);
  });

  test('where the run fits by the formula', async () => {
    await makeWorld({ formula: 1 });
    const id = await world.begin('teach upper, exact match, budget 5 min, no need to ask, full only');
    await world.until('a trained node', async () => (await listNodes(database.db, id)).length > 1);
    expect(await probeTrials(id)).toEqual([]);
  });
});
