import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../src/campaign/failure.ts';
import { isFinalJobState } from '../../src/cluster/port.ts';
import { watchJobs } from '../../src/operations/jobs/watch-jobs.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { findCalibration } from '../../src/store/calibrations.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { rows } from '../../src/store/db.ts';
import { listEvents } from '../../src/store/events.ts';
import { findJob, insertJob, listJobs } from '../../src/store/jobs.ts';
import { LeaseLost } from '../../src/store/leases.ts';
import { ledgerTotals, reserve } from '../../src/store/ledger.ts';
import {
  findSplitResult,
  insertMetrics,
  insertSplitResult,
  insertTrials,
  listTrials,
  moveTrial,
  updateTrial,
} from '../../src/store/trials.ts';
import { transcript } from '../support/world/create-world.ts';
import type { Misbehaviour } from '../support/world/fake-training.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database, { times: 75 });

const first = 'n1-t0-run-a1';
const second = 'n1-t0-run-a2';
const keyOf = (end: string): string =>
  [...world.cluster.runs.keys()].find((key) => key.endsWith(end)) as string;
const jobOf = (end: string) => findJob(database.db, keyOf(end));
const cancelled: string[] = [];

/** A campaign whose first training run, of an hour, does as told; it is at its beginning. */
async function beginWith(
  does: Misbehaviour | ((attempt: number) => Misbehaviour | undefined),
): Promise<string> {
  world.cluster.misbehave = (key) => {
    if (!key.includes('-n1-t0-run-')) return undefined;
    return typeof does === 'function' ? does(Number(key.at(-1))) : does;
  };
  cancelled.length = 0;
  const { cancel } = world.cluster;
  world.cluster.cancel = async (key, grace) => {
    const status = await cancel(key, grace);
    cancelled.push(key);
    return status;
  };
  const id = await world.begin('teach upper, exact match, budget 60 hours, no need to ask, full only');
  await world.until('the first training run', () => keyOf(first) !== undefined, 30);
  return id;
}

/** Minutes of the cluster go by, a look each. */
async function pass(minutes: number, isSo: () => boolean | Promise<boolean> = () => false): Promise<number> {
  for (let minute = 0; minute < minutes; minute++) {
    if (await isSo()) return minute;
    await world.step(60_000);
  }
  return minutes;
}
const isHarvested = (end: string) => async (): Promise<boolean> => (await jobOf(end))?.state === 'harvested';
const nodeOf = async (id: string) => (await loadView({ ctx: world.ctx, campaignId: id })).nodes[1];
const isNothingHeldFor = async (id: string, end: string): Promise<void> => {
  const job = await jobOf(end);
  const trials = (await listTrials(database.db, id)).filter((t) => t.id === job?.trialId);
  expect(trials).toHaveLength(1);
  expect(job?.runSeconds).toBeLessThan(job?.limitSeconds as number);
};

test('a run of an hour moves in its thread, and not at every look', async () => {
  const id = await beginWith({});
  await pass(2);
  const edits = async (): Promise<number> =>
    (
      await rows<{ n: number }>(
        database.db,
        sql`select count(*)::int as n from outbox where campaign_id = ${id} and slot like 'progress:%'`,
      )
    )[0]?.n ?? 0;
  const before = await edits();
  await pass(30);
  const after = await edits();
  expect((await nodeOf(id))?.trials[0]?.progress).toBeGreaterThan(0.4);
  // Two slots, a tenth of each every six minutes.
  expect(after - before).toBeGreaterThanOrEqual(4);
  expect(after - before).toBeLessThanOrEqual(14);
});

describe('a run that the engine does not end is ended by the watchdog', () => {
  test.each<[string, Misbehaviour, string, RegExp]>([
    ['NaN', { loss: (step) => (step < 20 ? 1 : Number.NaN) }, 'nan', /loss became NaN at step 20 of 100/],
    ['a loss that ran away', { loss: (step) => (step < 20 ? 1 : 9) }, 'diverged', /loss rose from 1.00 to/],
    ['an idle GPU', { use: 0 }, 'gpu_idle', /less than 5% of its GPU for 10 min/],
    [
      'a pace far beyond its ceiling',
      { slowness: 8 },
      'too_slow',
      /would train for .* and may run for 2.5 h/,
    ],
  ])('%s', async (_, does, code, message) => {
    const id = await beginWith(does);
    await pass(150, isHarvested(first));
    const node = await nodeOf(id);
    expect(node).toMatchObject({ state: 'failed', failure: { code } });
    expect(node?.failure?.message).toMatch(message);
    expect(cancelled).toEqual([keyOf(first)]);
    await isNothingHeldFor(id, first);
    await world.step();
    const [told] = world.chat.ofKind('failure');
    expect(told?.node.number).toBe(1);
    expect(transcript(world.chat)).not.toMatch(/once more/);
    const stops = (await listEvents(database.db, id)).filter(({ name }) => name === 'job.stopped');
    expect(stops).toMatchObject([{ data: { job: keyOf(first), code } }]);
  });

  test('a stall, and it runs once more with what is left of its ceiling', async () => {
    const id = await beginWith((attempt) => (attempt === 1 ? { stallsAt: 30 } : undefined));
    const minutes = await pass(150, isHarvested(first));
    expect(minutes).toBeLessThan(40);
    await world.step();
    expect(transcript(world.chat)).toMatch(
      /#1 stalled at step 30 of 100: nothing new for 1\d min, .* The cluster is the cause, .* spent, .* returned\. I run it once more\./,
    );
    expect((await jobOf(second))?.limitSeconds).toBeLessThan((await jobOf(first))?.limitSeconds as number);
    await pass(90, async () => (await nodeOf(id))?.state === 'scored');
    expect((await nodeOf(id))?.state).toBe('scored');
  });

  test('twice stalled, or never begun, it is not repeated again', async () => {
    const id = await beginWith((attempt) => ({ stallsAt: attempt === 1 ? 10 : 0 }));
    await pass(250, async () => (await nodeOf(id))?.state === 'failed');
    await world.step();
    expect(cancelled).toEqual([keyOf(first), keyOf(second)]);
    expect((await nodeOf(id))?.failure?.message).toMatch(/trained nothing in its first/);
    expect(world.chat.ofKind('failure')[0]?.next).toMatch(/do not repeat it again/);
    expect((await listJobs(database.db, id)).filter(({ key }) => key.includes('-n1-'))).toHaveLength(2);
  });

  test('what it teaches of the pace goes into the next estimates', async () => {
    await beginWith({ slowness: 8 });
    await pass(150, isHarvested(first));
    expect((await findCalibration(database.db, 'fake/fake/full')).factor).toBeGreaterThan(2.5);
  });
});

test('an engine that says it first is not interrupted', async () => {
  const failure: Failure = {
    code: 'nan',
    fault: 'config',
    message: 'The loss became NaN at step 21.',
    log: [],
  };
  const id = await beginWith({ loss: (step) => (step < 20 ? 1 : Number.NaN), fails: { at: 21, failure } });
  await pass(60, isHarvested(first));
  expect((await nodeOf(id))?.failure?.message).toBe(failure.message);
  expect(cancelled).toEqual([]);
});

test('a run that does well, and is silent while it saves and answers, is left alone', async () => {
  const id = await beginWith({ use: 70 });
  await pass(90, isHarvested(first));
  expect((await nodeOf(id))?.state).toBe('scored');
  expect(cancelled).toEqual([]);
});

describe('whatever happens in between', () => {
  const isStopped = async (): Promise<boolean> => (await jobOf(first))?.stop !== null;

  test('a crash after the decision: the next look ends the same run for the same reason', async () => {
    const id = await beginWith({ slowness: 8 });
    world.cluster.beforeCall = (name) => {
      if (name === 'cancel') throw new Error('the process died here');
    };
    await pass(150, isStopped);
    const stop = (await jobOf(first))?.stop;
    await pass(3);
    expect(cancelled).toEqual([]);
    expect((await jobOf(first))?.state).toBe('live');
    world.cluster.beforeCall = null;
    await pass(3, isHarvested(first));
    expect(cancelled).toEqual([keyOf(first)]);
    expect((await nodeOf(id))?.failure).toMatchObject({ ...stop, code: 'too_slow' });
    expect((await listEvents(database.db, id)).filter(({ name }) => name === 'job.stopped')).toHaveLength(1);
  });

  test('the time limit after a decision that was never carried out: it is told as it was decided', async () => {
    const id = await beginWith({ slowness: 8 });
    world.cluster.beforeCall = (name) => {
      if (name === 'cancel') throw new Error('the cluster does not hear');
    };
    await pass(200, isHarvested(first));
    expect(await jobOf(first)).toMatchObject({ clusterState: 'timeout' });
    expect((await nodeOf(id))?.failure?.code).toBe('too_slow');
  });

  test('a result that arrives in the moment of the end is kept', async () => {
    const id = await beginWith({ slowness: 8 });
    const { cancel } = world.cluster;
    world.cluster.cancel = async (key, grace) => {
      world.cluster.end(key, 'succeeded');
      return cancel(key, grace);
    };
    await pass(150, isHarvested(first));
    await world.step();
    expect((await jobOf(first))?.stop?.code).toBe('too_slow');
    expect((await nodeOf(id))?.state).toBe('scored');
    expect(transcript(world.chat)).not.toMatch(/too slow/);
  });

  test('an instance that lost its lease ends nothing; the one that has it does, once', async () => {
    await beginWith({ slowness: 8 });
    const late = { ...world.ctx, confirmLease: () => Promise.reject(new LeaseLost('jobs')) };
    const isDue = { count: 0 };
    for (; isDue.count < 150 && !(await isStopped()); isDue.count++) {
      await expect(watchJobs({ ctx: late }).then(() => 'nothing to end')).resolves.toBe('nothing to end');
      const { beforeCall } = world.cluster;
      world.cluster.beforeCall = (name) => {
        if (name === 'cancel') throw new Error('the other instance has not come to it yet');
      };
      await world.step(60_000);
      world.cluster.beforeCall = beforeCall;
    }
    expect(cancelled).toEqual([]);
    await expect(watchJobs({ ctx: late })).rejects.toThrow(LeaseLost);
    expect(cancelled).toEqual([]);
    await Promise.all([watchJobs({ ctx: world.ctx }), watchJobs({ ctx: world.ctx })]);
    expect(new Set(cancelled)).toEqual(new Set([keyOf(first)]));
    const status = (await world.cluster.poll([keyOf(first)])).get(keyOf(first));
    expect(isFinalJobState(status?.state ?? 'unknown')).toBe(true);
  });

  test('a pause: a stalled run is ended all the same, and its repeat waits for resume', async () => {
    const id = await beginWith((attempt) => (attempt === 1 ? { stallsAt: 30 } : undefined));
    const { threadTs } = await getCampaign(database.db, id);
    await world.say('pause', { threadTs });
    await pass(150, isHarvested(first));
    await pass(5);
    expect(cancelled).toEqual([keyOf(first)]);
    expect(keyOf(second)).toBeUndefined();
    const { reserved } = await ledgerTotals(database.db, id);
    expect(reserved.computeSeconds).toBeGreaterThan(0);
    await world.say('resume', { threadTs });
    await pass(3);
    expect(keyOf(second)).toBeDefined();
  });

  test('a stop by people: nothing is said of the watchdog, and nothing runs again', async () => {
    const id = await beginWith({ stallsAt: 30 });
    await pass(150, isStopped);
    const { threadTs } = await getCampaign(database.db, id);
    await world.order('stop', { threadTs });
    await pass(3, isHarvested(first));
    expect(transcript(world.chat)).not.toMatch(/stalled/);
    expect(keyOf(second)).toBeUndefined();
    expect((await ledgerTotals(database.db, id)).reserved).toEqual({ computeSeconds: 0, usd: 0 });
  });
});

describe('a run that is clearly behind its like', () => {
  const flat = (): number => 2;

  /** Rounds before it with the same rows and batch, so many of them, whose losses at each step are given. */
  async function withOthers(id: string, losses: ((step: number) => number)[], state: 'scored' | 'submitted') {
    const own = (await listTrials(database.db, id)).find((t) => t.id > 1) as Awaited<
      ReturnType<typeof listTrials>
    >[number];
    const added = await insertTrials(
      database.db,
      losses.map((_, i) => {
        const { id: __, ...values } = own;
        return { ...values, index: 7 + i, specHash: `like-${i}`, state };
      }),
    );
    const [baseline] = await listTrials(database.db, id);
    const result = await findSplitResult(database.db, baseline!.id, 'search');
    for (const [i, trial] of added.entries()) {
      await insertSplitResult(database.db, { ...result!, trialId: trial.id, split: 'search' });
      const points = Array.from({ length: 100 }, (_, seq) => ({
        trialId: trial.id,
        attempt: 1,
        seq,
        step: seq + 1,
        steps: 100,
        values: { loss: losses[i]!(seq + 1) },
      }));
      await insertMetrics(database.db, points);
    }
    return added;
  }
  const falling = (step: number): number => 0.5 + 1.5 * Math.exp(-step / 15);

  test('is ended at a quarter of its training, the rest of its money goes back, and its round goes on', async () => {
    const id = await beginWith({ loss: flat });
    await withOthers(id, [falling, falling, falling], 'scored');
    const minutes = await pass(90, isHarvested(first));
    expect(minutes).toBeLessThan(20);
    await world.step();
    expect((await jobOf(first))?.stop).toMatchObject({ code: 'pruned', fault: 'config' });
    expect(transcript(world.chat)).toMatch(
      /#1, trial 1, was clearly behind at 25% of its training: a loss of 2.00, where 3 comparable runs had 0.\d\d \(median\) and none as much; I stopped it early\. .* spent, .* returned\./,
    );
    expect((await nodeOf(id))?.state).toBe('scored');
    expect(world.chat.ofKind('failure')).toEqual([]);
  });

  test.each([
    ['with two others', 2, 'scored' as const],
    ['as the last of its round that can give a score', 3, 'failed' as const],
  ])('is left alone %s', async (_, count, state) => {
    const id = await beginWith({ loss: flat });
    const others = await withOthers(
      id,
      Array.from({ length: count }, () => falling),
      'scored',
    );
    for (const { id: other } of others) await updateTrial(database.db, other, { state });
    await pass(90, isHarvested(first));
    expect(cancelled).toEqual([]);
  });

  test('is left alone where the others learned in other portions, or ran away', async () => {
    const id = await beginWith({ loss: flat });
    const others = await withOthers(id, [falling, falling, falling], 'scored');
    const [one, two] = others;
    const training = { ...one!.spec.training!, batchSize: 1 };
    await updateTrial(database.db, one!.id, { spec: { ...one!.spec, training } });
    const failure: Failure = { code: 'diverged', fault: 'config', message: '', log: [] };
    await moveTrial(database.db, two!.id, ['scored'], 'scored', { failure });
    await pass(90, isHarvested(first));
    expect(cancelled).toEqual([]);
  });

  test('is left alone when the only others of its round have just been ended', async () => {
    const id = await beginWith({ loss: flat });
    const others = await withOthers(id, [falling, falling, falling], 'submitted');
    await pass(5);
    const own = (await jobOf(first)) as NonNullable<Awaited<ReturnType<typeof jobOf>>>;
    const stop = { code: 'pruned', fault: 'config' as const, message: 'was behind' };
    for (const trial of others) {
      const key = `${own.key}-${trial.id}`;
      const at = world.clock.now();
      await reserve(
        database.db,
        { computeSeconds: null, usd: null },
        {
          key,
          campaignId: id,
          trialId: trial.id,
          purpose: 'compute',
          ceiling: { computeSeconds: 1, usd: 0 },
          at,
        },
      );
      await insertJob(database.db, { ...own, key, trialId: trial.id, stop, pulse: null });
    }
    world.cluster.beforeCall = (name) => {
      if (name === 'cancel') throw new Error('the cluster does not hear');
    };
    const unknown = world.cluster.poll;
    world.cluster.poll = async (keys) =>
      new Map([...(await unknown(keys))].filter(([key]) => world.cluster.runs.has(key)));
    await pass(30);
    expect((await jobOf(first))?.pulse?.judgedShare).toBeGreaterThanOrEqual(0.25);
    expect((await jobOf(first))?.stop).toBeNull();
  });
});
