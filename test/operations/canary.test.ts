import { afterEach, describe, expect, test } from 'vitest';
import type { Brief } from '../../src/campaign/brief.ts';
import type { Failure } from '../../src/campaign/failure.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { contentText } from '../../src/report/transcript.ts';
import { getCampaign, updateCampaign } from '../../src/store/campaigns.ts';
import { listEvents } from '../../src/store/events.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { ledgerTotals } from '../../src/store/ledger.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import type { Misbehaviour } from '../support/world/fake-training.ts';
import { multiRateResearcher } from '../support/world/multi-rate-researcher.ts';
import { useDatabase } from '../support/world/use-world.ts';

const database = useDatabase();
let world: World;

afterEach(() => world.dispose());

interface Setting {
  times?: number;
  does?: (trial: number) => Misbehaviour | undefined;
  change?: (index: number) => { batchSize?: number };
}

/** A campaign with room for four runs whose rounds are three rates each; its first one is planned. */
async function begin({ times = 75, does, change }: Setting): Promise<string> {
  world = createWorld(database.db, { times, slots: 4 });
  world.ctx.researcher = multiRateResearcher(world.ctx.researcher, change);
  world.cluster.misbehave = (key) => {
    const [, node, trial] = /-n(\d+)-t(\d+)-run-a1$/.exec(key) ?? [];
    return node === '1' ? does?.(Number(trial)) : undefined;
  };
  const id = await world.begin('teach upper, exact match, budget 60 hours, no need to ask, full only');
  const brief = (await getCampaign(database.db, id)).brief as Brief;
  await updateCampaign(database.db, id, { brief: { ...brief, parallel: 4 } });
  await world.until('the first run of a round', () => started().length > 0, 30);
  return id;
}

/** Runs of the first round that the cluster has been given: `t0`, `t1`, … */
const started = (): string[] =>
  [...world.cluster.runs.keys()].flatMap((key) => /-n1-(t\d)-run/.exec(key)?.[1] ?? []);
const nodeOf = async (id: string) => (await loadView({ ctx: world.ctx, campaignId: id })).nodes[1];
async function pass(looks: number, isSo: () => boolean | Promise<boolean> = () => false): Promise<void> {
  for (let look = 0; look < looks && !(await isSo()); look++) await world.step(20_000);
}
const isClosed = (id: string) => async (): Promise<boolean> => (await nodeOf(id))?.state !== 'running';
const failureOf = (over: Partial<Failure>): Failure => ({
  code: 'environment',
  fault: 'cluster',
  message: 'A Python package is missing (trl).',
  log: ["ModuleNotFoundError: No module named 'trl'", 'File "a.py", line 1'],
  ...over,
});
const failing = (over: Partial<Failure>, at = 0): Misbehaviour => ({
  stallsAt: 0,
  fails: { at, failure: failureOf(over) },
});

test('the first run of a round goes alone until it has shown its first metric', async () => {
  await begin({});
  expect(started()).toEqual(['t0']);
  await pass(1);
  expect(started()).toEqual(['t0']);
  await pass(4, () => started().length > 1);
  expect(started()).toEqual(['t0', 't1', 't2']);
});

test('a round of short runs does not wait', async () => {
  await begin({ times: 0.1 });
  await world.step(0);
  expect(started()).toEqual(['t0', 't1', 't2']);
});

test('what would fail alike is not started, gives its money back, and the thread says how much', async () => {
  const id = await begin({ does: () => failing({}) });
  const held = (await ledgerTotals(database.db, id)).reserved.computeSeconds;
  await pass(10, isClosed(id));
  await world.step();
  expect(started()).toEqual(['t0']);
  expect((await nodeOf(id))?.trials.map(({ state }) => state)).toEqual(['failed', 'withdrawn', 'withdrawn']);
  const [told] = world.chat.messages.filter(({ content }) => content.kind === 'failure');
  expect(contentText(told!.content)).toMatch(
    /^#1 failed: A Python package is missing \(trl\)\. The installation on the cluster is the cause .* 2 more runs of this node would have failed alike: not started, about .* (?:min|h) not spent\..*\n {2}ModuleNotFoundError: No module named 'trl'\n {2}File "a.py", line 1$/s,
  );
  const jobs = (await listJobs(database.db, id)).filter(({ key }) => key.includes('-n1-'));
  expect(jobs.map(({ state, submittedAt }) => [state, submittedAt !== null])).toEqual([
    ['harvested', true],
    ['harvested', false],
    ['harvested', false],
  ]);
  const spent = (await loadView({ ctx: world.ctx, campaignId: id })).nodes[1]?.cost.computeSeconds as number;
  expect(spent).toBeLessThan(held / 10);
  const withdrawn = (await listEvents(database.db, id)).filter(({ name }) => name === 'trial.withdrawn');
  expect(withdrawn).toHaveLength(2);
});

test.each<[string, Partial<Failure>]>([
  ['running away', { code: 'diverged', fault: 'config' }],
  ['a wrong setting', { code: 'bad_config', fault: 'config' }],
])('a failure by %s is its own affair: the others go on', async (_, over) => {
  await begin({ does: (trial) => (trial === 0 ? failing(over) : undefined) });
  await pass(6, () => started().length > 1);
  expect(started()).toEqual(['t0', 't1', 't2']);
});

test('of a run that did not fit into memory those with smaller batches go on', async () => {
  const id = await begin({
    does: (trial) => (trial === 0 ? failing({ code: 'out_of_memory', fault: 'config' }) : undefined),
    change: (index) => ({ batchSize: [8, 4, 16][index] as number }),
  });
  await pass(6, () => started().length > 1);
  await pass(2);
  expect(started()).toEqual(['t0', 't1']);
  expect((await nodeOf(id))?.trials.map(({ state }) => state)).toEqual(['failed', 'running', 'withdrawn']);
});

test('a first run that the cluster lost runs again, and the others wait for that one', async () => {
  await begin({ does: () => ({ stallsAt: 0 }) });
  const key = [...world.cluster.runs.keys()].find((name) => name.endsWith('-n1-t0-run-a1')) as string;
  world.cluster.end(key, 'lost');
  await pass(2);
  expect(started()).toEqual(['t0', 't0']);
  await pass(4, () => started().length > 2);
  expect(started()).toEqual(['t0', 't0', 't1', 't2']);
});

test('a stop while it goes alone withdraws the others unspent', async () => {
  const id = await begin({});
  const { threadTs } = await getCampaign(database.db, id);
  await world.order('stop', { threadTs });
  await pass(3);
  expect(started()).toEqual(['t0']);
  expect((await ledgerTotals(database.db, id)).reserved).toEqual({ computeSeconds: 0, usd: 0 });
});

describe('an installation that cannot train', () => {
  test('in two rounds in a row holds the campaign until a person has looked', async () => {
    const id = await begin({ does: () => failing({}) });
    const all = world.cluster.misbehave;
    world.cluster.misbehave = (key, spec) =>
      all?.(key, spec) ?? (spec.training === null ? undefined : failing({}));
    const isHeld = async (): Promise<boolean> => (await getCampaign(database.db, id)).paused;
    await pass(40, isHeld);
    await world.step();
    const view = await loadView({ ctx: world.ctx, campaignId: id });
    expect(view.heldBecause).toBe('the installation on the cluster');
    expect(view.nodes.filter(({ state }) => state === 'failed').length).toBeLessThanOrEqual(3);
    expect(world.chat.ofKind('failure').at(-1)?.next).toMatch(/so I have paused: mend the installation/);
    world.cluster.misbehave = null;
    await world.say('resume', { threadTs: (await getCampaign(database.db, id)).threadTs });
    const nodes = view.nodes.length;
    await pass(6, async () => (await loadView({ ctx: world.ctx, campaignId: id })).nodes.length > nodes);
    expect((await loadView({ ctx: world.ctx, campaignId: id })).nodes.length).toBeGreaterThan(nodes);
  });
});
