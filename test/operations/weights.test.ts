import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { TrexError } from '../../src/lib/errors.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listDiscards } from '../../src/store/discards.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { createWorld, transcript, type World } from '../support/world/create-world.ts';
import { useDatabase } from '../support/world/use-world.ts';

const database = useDatabase();
let world: World;

afterEach(() => world.dispose());

const request = 'teach upper, exact match, budget 4 minutes, no need to ask, full only';
const runFile = (key: string): string => join(world.ctx.settings.dataDir, 'runs', key, 'weights.bin');
const stateOf = async (id: string): Promise<string> => (await getCampaign(database.db, id)).state;
const settled = async (id: string): Promise<boolean> =>
  (await getCampaign(database.db, id)).weightsSettledAt !== null;
const unreachable = new TrexError('cluster_unreachable', 'cluster', 'The cluster does not answer.');

/** Runs that trained, with what the database and the disk say of their weights. */
async function weightsOf(
  id: string,
): Promise<{ key: string; round: number; isThere: boolean; isDecided: boolean }[]> {
  const gone = new Set((await listDiscards(database.db, id)).map((row) => row.jobKey));
  return (await listJobs(database.db, id))
    .filter((job) => job.kind === 'run' && !job.key.includes('-n0-'))
    .map(({ key }) => ({
      ...{ key, round: Number(/-n(\d+)-/.exec(key)?.[1]), isThere: existsSync(runFile(key)) },
      isDecided: gone.has(key),
    }));
}

describe('weights of a campaign', () => {
  test('go while it runs, stay where they are needed, and at the end only the winner is left', {
    timeout: 240_000,
  }, async () => {
    world = createWorld(database.db, {
      settings: { keepWeights: { best: false, finalists: false, last: 0 } },
    });
    const id = await world.begin(request);
    let maxThere = 0;
    await world.until('the end', async () => {
      maxThere = Math.max(maxThere, (await weightsOf(id)).filter((run) => run.isThere).length);
      return (await stateOf(id)) === 'finished';
    });
    await world.until('the last word', () => settled(id), 5);
    for (let i = 0; i < 3; i++) await world.step();
    const view = await loadView({ ctx: world.ctx, campaignId: id });
    const runs = await weightsOf(id);
    const there = runs.filter((run) => run.isThere);
    expect(there.map((run) => run.round)).toEqual([view.final?.winner]);
    expect(runs.filter((run) => run.isDecided).every((run) => !run.isThere)).toBe(true);
    expect(runs.length).toBeGreaterThan(maxThere);
    // The test rows were answered with the winner's weights, so they were there; the copy beside the report is checked.
    expect(view.final?.weights).toMatchObject({ host: null, check: 'verified' });
    expect(existsSync(view.final?.weightsPath ?? '')).toBe(true);
    expect(view.weights).toMatchObject({ kept: [view.final?.winner], removedRuns: runs.length - 1 });
    expect(view.weights.removedBytes).toBeGreaterThan(0);
    const [report, ...more] = world.chat.ofKind('report');
    expect(more).toEqual([]);
    expect(report?.lines.join('\n')).toMatch(/Weights: .*checked\)/);
    expect(report?.lines.join('\n')).toContain(`Large files of ${runs.length - 1} runs were removed`);
  });

  test('of the last rounds, the best and the finalists stay when the policy says so', {
    timeout: 240_000,
  }, async () => {
    world = createWorld(database.db, { settings: { keepWeights: { best: true, finalists: true, last: 2 } } });
    const id = await world.begin();
    await world.finish(id);
    await world.until('the last word', () => settled(id), 5);
    const view = await loadView({ ctx: world.ctx, campaignId: id });
    const there = (await weightsOf(id)).filter((run) => run.isThere).map((run) => run.round);
    const trained = view.nodes.filter((n) => n.score !== null && n.parent !== null).map((n) => n.number);
    expect([...new Set(there)].sort()).toEqual([...view.weights.kept].sort());
    expect(there).toEqual(expect.arrayContaining([view.final?.winner, view.best]));
    expect(there.length).toBeLessThan(trained.length);
    await world.say('status', { threadTs: (await getCampaign(database.db, id)).threadTs });
    await world.step();
    expect(transcript(world.chat)).toContain('Weights are there of');
  });

  test('wait for a cluster that is away, and the campaign does not', { timeout: 240_000 }, async () => {
    world = createWorld(database.db, {
      settings: { keepWeights: { best: false, finalists: false, last: 0 } },
    });
    const id = await world.begin(request);
    let isAway = true;
    world.cluster.beforeCall = (name) => {
      if (name === 'discard' && isAway) throw unreachable;
    };
    await world.until('the end', async () => (await stateOf(id)) === 'finished');
    await world.until('the last word', () => settled(id), 5);
    const before = await weightsOf(id);
    expect(before.filter((run) => run.isDecided).every((run) => run.isThere)).toBe(true);
    isAway = false;
    await world.step();
    const after = (await weightsOf(id)).filter((run) => run.isDecided);
    expect(after.length).toBeGreaterThan(0);
    expect(after.every((run) => !run.isThere)).toBe(true);
  });

  test('of a stopped campaign go too, once its jobs have ended', { timeout: 240_000 }, async () => {
    world = createWorld(database.db, {
      settings: { keepWeights: { best: true, finalists: false, last: 0 } },
    });
    const id = await world.begin();
    const { threadTs } = await getCampaign(database.db, id);
    await world.until(
      'some rounds',
      async () => (await weightsOf(id)).filter((run) => run.isThere).length > 2,
    );
    await world.order('stop', { threadTs });
    await world.until('the last word', () => settled(id), 10);
    await world.step();
    const { best } = await loadView({ ctx: world.ctx, campaignId: id });
    expect((await weightsOf(id)).filter((run) => run.isThere).map((run) => run.round)).toEqual([best]);
  });

  test('that somebody changed are said to be wrong and copied nowhere', { timeout: 240_000 }, async () => {
    world = createWorld(database.db);
    const id = await world.begin(request);
    const spoil = async (): Promise<void> => {
      const test = (await listJobs(database.db, id)).find((job) => job.kind === 'test');
      if (test === undefined) return;
      for (const { key, isThere } of await weightsOf(id)) if (isThere) writeFileSync(runFile(key), 'other');
    };
    await world.until('the end', async () => {
      await spoil();
      return (await stateOf(id)) === 'finished';
    });
    await world.step();
    const view = await loadView({ ctx: world.ctx, campaignId: id });
    expect(view.final?.weights?.check).toBe('mismatch');
    expect(existsSync(join(world.ctx.settings.dataDir, 'campaigns', id, 'weights.bin'))).toBe(false);
    expect(world.chat.ofKind('report')[0]?.lines.join('\n')).toContain('*Do not use these weights*');
  });

  test('are looked at when the cluster is back, and not looked at is said', {
    timeout: 240_000,
  }, async () => {
    world = createWorld(database.db);
    const id = await world.begin(request);
    world.cluster.beforeCall = (name) => {
      if (name === 'inspect') throw unreachable;
    };
    await world.until('the tests', async () => {
      const { heldBecause } = await getCampaign(database.db, id);
      return heldBecause?.includes('does not show the weights') === true;
    });
    expect(await stateOf(id)).toBe('confirming');
    world.clock.advance(700_000);
    await world.until('the end', async () => (await stateOf(id)) === 'finished', 5);
    await world.step();
    const view = await loadView({ ctx: world.ctx, campaignId: id });
    expect(view.final?.weights?.check).toBe('unchecked');
    expect(world.chat.ofKind('report')[0]?.lines.join('\n')).toContain('I could not check them');
  });
});
