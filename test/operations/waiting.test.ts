import { describe, expect, test } from 'vitest';
import { TurnedAwayError } from '../../src/cluster/port.ts';
import { TrexError } from '../../src/lib/errors.ts';
import { reapJobs } from '../../src/operations/jobs/reap-jobs.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { nodeText, whyText } from '../../src/report/sentences/node.ts';
import { headline, nowLine, statusText } from '../../src/report/sentences/status.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { ledgerTotals } from '../../src/store/ledger.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database, { slots: 2 });

const isTraining = (key: string): boolean => !key.includes('-n0-') && key.includes('-run-');
const viewOf = (campaignId: string) => loadView({ ctx: world.ctx, campaignId });
const words = (): Extract<
  NonNullable<ReturnType<typeof world.chat.last>>['content'],
  { kind: 'waiting' }
>[] => world.chat.ofKind('waiting');
async function steps(count: number, ms: number): Promise<void> {
  for (let i = 0; i < count; i++) await world.step(ms);
}

describe('a job that stands in the queue', () => {
  test('is called waiting, since when and why, everywhere, and is told once after 45 minutes', async () => {
    const reason = "It waits in Slurm's queue: Priority.";
    world.cluster.hold = (key) => (isTraining(key) ? { reason } : undefined);
    const id = await world.begin('teach upper, exact match, budget 60 hours, no need to ask, full only');
    await world.until('the baseline', async () => (await viewOf(id)).nodes.length > 2);
    await steps(10, 120_000);
    const view = await viewOf(id);
    const [, node] = view.nodes;
    expect(node).toMatchObject({ state: 'running', waiting: { why: reason, needsPeople: false } });
    expect(headline(view)).not.toContain('running');
    expect(headline(view)).toContain('2 wait on the cluster');
    for (const text of [statusText(view), nowLine(view), nodeText(view, 1), whyText(view, 1)]) {
      expect(text).toMatch(/#1 has waited 2\d(\.\d)? min\. It waits in Slurm's queue: Priority\./);
    }
    expect(nowLine(view)).toContain('Nothing runs yet.');
    expect(words()).toEqual([]);
    await steps(60, 120_000);
    const told = words();
    expect(told.map(({ node }) => node)).toEqual([1, 2]);
    expect(told[0]?.text).toContain('#1 has waited 4');
    expect(told[0]?.text).toContain('It starts by itself');
    expect(told[0]).toMatchObject({ canWithdraw: true, closed: null });

    world.cluster.hold = null;
    await world.step(1000);
    await world.step(1000);
    expect(words()[0]).toMatchObject({ closed: 'It runs now.', canWithdraw: false });
    expect(headline(await viewOf(id))).toContain('2 running');
  });

  test('is told after two minutes when its reason does not end by itself, and a person can withdraw it', async () => {
    const reason = "It waits in Slurm's queue: it is held (JobHeldAdmin).";
    world.cluster.hold = (key) =>
      isTraining(key) && key.includes('-n1-') ? { reason, needsPeople: true } : undefined;
    const id = await world.begin('teach upper, exact match, budget 5 minutes, no need to ask, full only');
    await world.until('the word', () => words().length > 0, 200);
    expect(words()[0]?.text).toMatch(
      /^#1 has waited 2(\.\d)? min\..*JobHeldAdmin.*It will not start by itself/,
    );

    expect(await world.bot.withdraw({ campaignId: id, node: 1, user: 'U2' })).toEqual({ private: null });
    await steps(3, 1000);
    expect(words()[0]).toMatchObject({ closed: 'Withdrawn by Ben.' });
    const [, node] = (await viewOf(id)).nodes;
    expect(node).toMatchObject({ state: 'withdrawn', cost: { computeSeconds: 0 } });
    const held = (await listJobs(database.db, id)).filter(({ key }) => key.includes('-n1-'));
    expect(held.every(({ state, runSeconds }) => state === 'harvested' && runSeconds === 0)).toBe(true);
    await world.finish(id);
    expect((await ledgerTotals(database.db, id)).reserved.computeSeconds).toBe(0);
  });

  test('is withdrawn by word in the thread as by its button; one that runs goes on', async () => {
    world.cluster.hold = (key) =>
      isTraining(key) && key.includes('-n1-') ? { reason: 'It waits.', needsPeople: true } : undefined;
    const id = await world.begin('teach upper, exact match, budget 5 minutes, no need to ask, full only');
    const { threadTs } = await getCampaign(database.db, id);
    await world.until('the word', () => words().length > 0, 200);
    await world.say('withdraw 1', { threadTs });
    await steps(3, 1000);
    expect(words()[0]).toMatchObject({ closed: 'Withdrawn by Ana.' });
    expect((await viewOf(id)).nodes[1]).toMatchObject({ state: 'withdrawn' });
    await world.until('a run', async () =>
      (await viewOf(id)).nodes.some((n) => n.number > 1 && n.state === 'running'),
    );
    const { number } = (await viewOf(id)).nodes.find((n) => n.number > 1 && n.state === 'running') ?? {
      number: 0,
    };
    await world.step(100);
    await world.say(`withdraw ${number}`, { threadTs });
    await world.step(100);
    expect(world.chat.ofKind('text').at(-1)?.text).toBe(`#${number} runs by now, so I let it go on.`);
  });

  test('the baseline cannot be withdrawn, and what runs is let go on', async () => {
    world.cluster.hold = (key) =>
      key.includes('-n0-') ? { reason: 'It waits.', needsPeople: true } : undefined;
    const id = await world.begin();
    await world.until('the word', () => words().length > 0, 200);
    expect(words()[0]).toMatchObject({ canWithdraw: false });
    const refused = await world.bot.withdraw({ campaignId: id, node: 0, user: 'U1' });
    expect(refused.private).toContain('needs #0');
    world.cluster.hold = null;
    await world.until('a run', async () =>
      (await viewOf(id)).nodes.some((n) => n.number > 0 && n.state === 'running'),
    );
    await world.step(100);
    const running = await world.bot.withdraw({ campaignId: id, node: 1, user: 'U1' });
    expect(running.private).toContain('runs by now');
  });
});

describe('a job that the cluster turns away', () => {
  const answer = (error: () => Error, only = isTraining): { asked: string[] } => {
    const asked: string[] = [];
    const submit = world.cluster.submit.bind(world.cluster);
    world.cluster.submit = async (request) => {
      if (!only(request.key)) return submit(request);
      asked.push(request.key);
      throw error();
    };
    return { asked };
  };

  test('for hours, unknown words included, ends nothing: it is taken when the cluster is back', async () => {
    const submit = world.cluster.submit;
    const { asked } = answer(
      () => new TrexError('slurm_not_now', 'cluster', 'Slurm did not take the job: standby.'),
    );
    const id = await world.begin('teach upper, exact match, budget 5 minutes, no need to ask, full only');
    await world.until('an offer', () => asked.length > 0);
    await steps(100, 300_000);
    const own = asked.filter((key) => key === asked[0]).length;
    expect(own).toBeGreaterThan(20);
    expect(own).toBeLessThan(130);
    const view = await viewOf(id);
    expect(view.state).toBe('searching');
    expect(view.nodes.every(({ state }) => state !== 'failed')).toBe(true);
    expect(statusText(view)).toMatch(/#1 has waited 8\.\d h\. Slurm did not take the job: standby\./);
    expect(words().filter(({ node }) => node === 1)).toHaveLength(1);

    world.cluster.submit = submit;
    await world.finish(id);
  });

  test('until people change something is told once, with the reason and a way out, and costs no other run', async () => {
    const reason =
      'Slurm did not take the job: QOSMaxWallDurationPerJobLimit; Job violates accounting/QOS policy.';
    const { asked } = answer(
      () => new TurnedAwayError('slurm_limit', reason),
      (key) => isTraining(key) && key.includes('-n1-'),
    );
    const id = await world.begin('teach upper, exact match, budget 5 minutes, no need to ask, full only');
    await world.until('the word', () => words().length > 0, 300);
    expect(words()[0]?.text).toContain('QOSMaxWallDurationPerJobLimit');
    expect(words()[0]?.text).toContain('somebody has to change that on the cluster');
    expect(words()[0]).toMatchObject({ canWithdraw: true });
    await steps(40, 300_000);
    expect(words().filter(({ node }) => node === 1)).toHaveLength(1);
    expect(asked.length).toBeLessThan(30);
    expect((await viewOf(id)).nodes.filter(({ state }) => state === 'scored').length).toBeGreaterThan(2);
    await world.bot.withdraw({ campaignId: id, node: 1, user: 'U1' });
    await world.finish(id);
  });

  test('because the disk of this machine is full waits for room', async () => {
    const submit = world.cluster.submit;
    const { asked } = answer(() =>
      Object.assign(new Error('ENOSPC: no space left on device, write'), {
        code: 'ENOSPC',
        syscall: 'write',
      }),
    );
    const id = await world.begin();
    await world.until('an offer', () => asked.length > 0);
    await steps(12, 300_000);
    expect(statusText(await viewOf(id))).toContain('There is no room on the disk of this machine');
    world.cluster.submit = submit;
    await world.finish(id);
    expect((await viewOf(id)).nodes.every(({ state }) => state !== 'failed')).toBe(true);
  });

  test('and took all the same, its answer lost, is ended there when a person withdraws it', async () => {
    const submit = world.cluster.submit.bind(world.cluster);
    world.cluster.submit = async (request) => {
      const taken = await submit(request);
      if (!request.key.includes('-n1-')) return taken;
      throw new TrexError('cluster_slow', 'cluster', 'The login node did not answer in 120 s.');
    };
    const id = await world.begin('teach upper, exact match, budget 5 minutes, no need to ask, full only');
    const own = (): string | undefined => [...world.cluster.runs.keys()].find((key) => key.includes('-n1-'));
    await world.until('the run that nobody knows of', () => own() !== undefined);
    await world.bot.withdraw({ campaignId: id, node: 1, user: 'U1' });
    await reapJobs({ ctx: world.ctx });
    const key = own() as string;
    expect((await world.cluster.poll([key])).get(key)?.state).toBe('cancelled');
    expect((await listJobs(database.db, id)).find((job) => job.key === key)).toMatchObject({
      ...{ state: 'harvested', wait: null },
    });
  });

  test('for good fails with the reason', async () => {
    answer(
      () =>
        new TrexError('slurm_refused', 'config', 'Slurm refused the job: invalid partition specified: nope'),
      (key) => key.includes('-n1-'),
    );
    const id = await world.begin();
    await world.until('the failure', async () => (await viewOf(id)).nodes[1]?.state === 'failed', 100);
    expect((await viewOf(id)).nodes[1]?.failure?.message).toContain('invalid partition specified: nope');
  });
});
