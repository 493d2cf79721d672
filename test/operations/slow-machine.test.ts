import { expect, test } from 'vitest';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listNodes } from '../../src/store/nodes.ts';
import { listTrials } from '../../src/store/trials.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database);

const request = 'teach upper, exact match, budget 3 min, no need to ask, full only, one at a time';
const attempts = (part: string): string[] =>
  [...world.cluster.runs.keys()].filter((key) => key.includes(part));
const untilTheEnd = (id: string): Promise<void> =>
  world.until('the end', async () => (await getCampaign(database.db, id)).state === 'finished', 2500);
const trainings = async (id: string) =>
  (await listTrials(database.db, id)).filter(({ spec }) => spec.training !== null);

test('a baseline that starts thirty times as slowly is run once', async () => {
  world.cluster.misbehave = (key) => (key.includes('-n0-') ? { slowness: 30 } : undefined);
  const id = await world.begin(request);
  await world.until('its score', async () => (await listNodes(database.db, id))[0]?.state === 'scored');
  expect(attempts('-n0-t0-run-')).toHaveLength(1);
});

test('a machine that is slow at everything is priced as it was at the baseline, and the first run ends', async () => {
  world.cluster.misbehave = () => ({ slowness: 6 });
  const id = await world.begin(request.replace('3 min', '10 min'));
  await world.until('a training', async () => (await trainings(id)).length > 0);
  const [first] = await trainings(id);
  // A second and what its rows take, at the pace of the baseline and not at a third of it.
  expect(first?.expectedSeconds).toBeGreaterThan(5 * (first?.predictedSeconds as number));
  await world.until('its end', async () => (await trainings(id))[0]?.finishedAt != null);
  expect((await trainings(id))[0]).toMatchObject({ state: 'scored', failure: null });
});

test('answers to the test rows are not stopped because the machine has more to do by then', async () => {
  world.cluster.misbehave = (key) => (key.includes('-test-') ? { slowness: 30 } : undefined);
  const id = await world.begin(`${request.replace('3 min', '6 min')}, at most 2 experiments`);
  await untilTheEnd(id);
  expect(attempts('-test-')).toHaveLength(2);
});

test('what a stopped try took is no measure of what its answers cost', async () => {
  world.cluster.misbehave = (key) => (key.endsWith('-n0-t0-run-a1') ? { stallsAt: 0 } : undefined);
  const id = await world.begin(request.replace('3 min', '6 min'));
  await world.until('a training', async () => (await trainings(id)).some(({ state }) => state === 'scored'));
  expect(attempts('-n0-t0-run-')).toHaveLength(2);
  expect(world.chat.ofKind('budget_reached')).toEqual([]);
});

test('a baseline that is refused by a formula alone is said to be an estimate', async () => {
  await world.begin(request.replace('3 min', '1 second'));
  await world.until('the question', () => world.chat.ofKind('budget_reached').length > 0, 20);
  expect(world.chat.ofKind('budget_reached')[0]?.text).toMatch(
    /^The 1 s left are not enough for measuring the untrained model, which comes first \(about .*; my estimate, not measured\)\./,
  );
});
