import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Brief } from '../../src/campaign/brief.ts';
import type { Context } from '../../src/operations/context.ts';
import { continueCampaign } from '../../src/operations/control/continue-campaign.ts';
import { stopCampaign } from '../../src/operations/control/control-campaign.ts';
import { wrapUpCampaign } from '../../src/operations/control/wrap-up-campaign.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { statusText } from '../../src/report/sentences/status.ts';
import { getCampaign, updateCampaign } from '../../src/store/campaigns.ts';
import { listEvents } from '../../src/store/events.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { createWorld, transcript, type World } from '../support/world/create-world.ts';
import { useDatabase } from '../support/world/use-world.ts';

const database = useDatabase();
let world: World;

afterEach(() => world.dispose());

const small = 'teach upper, exact match, budget 3 minutes, no need to ask, full only';
/** The policy that keeps least: whatever is there all the same is there because it is needed. */
const keepLeast: Partial<Context['settings']> = { keepWeights: { best: false, finalists: false, last: 0 } };

const stateOf = async (id: string): Promise<string> => (await getCampaign(database.db, id)).state;
const viewOf = (id: string) => loadView({ ctx: world.ctx, campaignId: id });
const count = async (id: string, name: string): Promise<number> =>
  (await listEvents(database.db, id)).filter((event) => event.name === name).length;
const trained = async (id: string): Promise<number> =>
  (await viewOf(id)).nodes.filter((n) => n.parent !== null && n.score !== null).length;
const lastReport = (): string => world.chat.ofKind('report').at(-1)?.lines.join('\n') ?? '';

const stop = (id: string, user = 'U1') => stopCampaign({ ctx: world.ctx, input: { campaignId: id, user } });
const wrapUp = (id: string) => wrapUpCampaign({ ctx: world.ctx, input: { campaignId: id, user: 'U1' } });
let words = 0;
const goOn = (id: string, more: number | null = null, over: { user?: string; source?: string } = {}) =>
  continueCampaign({
    ctx: world.ctx,
    input: {
      campaignId: id,
      user: over.user ?? 'U1',
      more: more === null ? null : { computeSeconds: more, usd: null },
      until: null,
      source: over.source ?? `message:${++words}`,
    },
  });

async function toScored(nodes: number, request = small): Promise<string> {
  const id = await world.begin(request);
  await world.until(`${nodes} trained nodes with a score`, async () => (await trained(id)) >= nodes);
  return id;
}

describe('a stop', () => {
  test('keeps what is known: a report, the best weights, and the way to make them again', async () => {
    world = createWorld(database.db, { settings: keepLeast });
    const id = await toScored(2);
    world.cluster.beforeCall = (name) => {
      // Whoever stops it dies before the cluster has heard of it.
      if (name === 'cancel') throw new Error('out of reach');
    };
    expect(await stop(id)).toMatch(/^Stopped by Ana\..*keep the best weights/);
    world.cluster.beforeCall = null;
    await world.until('the report', () => world.chat.ofKind('report').length === 1, 10);
    for (let i = 0; i < 5; i++) await world.step();
    expect(lastReport()).toContain('was stopped.* Stopped by Ana. Best on search, not confirmed: ');
    expect(lastReport()).toMatch(/Weights: .*checked\)/);
    const { best, kept, nodes } = await viewOf(id);
    expect(lastReport()).toContain(`Make it again: \`trex reproduce ${id}#${best}\``);
    expect(kept?.best).toMatchObject({ node: best, weights: { host: null, check: 'verified' } });
    for (const name of ['report.md', 'model-card.md', 'tree.png', 'reproduce.json'])
      expect(existsSync(join(kept?.dir ?? '', name)), name).toBe(true);
    expect(existsSync(kept?.best?.weights.path ?? '')).toBe(true);
    expect(readFileSync(join(kept?.dir ?? '', 'report.md'), 'utf8')).toContain('test was never opened');
    expect(nodes.every((n) => n.state !== 'running')).toBe(true);
    expect((await listJobs(database.db, id)).every((job) => job.state === 'harvested')).toBe(true);
    expect(world.chat.ofKind('report')).toHaveLength(1);
    expect(await count(id, 'campaign.reported')).toBe(1);
  });

  test('before anything is measured says nothing more, and can be taken back', async () => {
    world = createWorld(database.db);
    const id = await world.begin(small);
    await world.until('the baseline under way', () => world.cluster.runs.size === 1, 5);
    await stop(id);
    for (let i = 0; i < 4; i++) await world.step();
    expect(world.chat.ofKind('report')).toHaveLength(0);
    expect(await goOn(id)).toContain('Going on, as Ana wishes');
    expect((await viewOf(id)).nodes[0]?.state).toBe('running');
    await world.until('the baseline', async () => (await viewOf(id)).nodes[0]?.state === 'scored', 30);
    await world.until('a trained node', async () => (await trained(id)) > 0, 60);
  });

  test('taken back goes on from the tree as it was, and what it withdrew may be tried again', async () => {
    world = createWorld(database.db, { settings: keepLeast });
    const id = await toScored(1);
    const before = await viewOf(id);
    const open = before.nodes.filter((n) => n.state === 'running').length;
    expect(open).toBeGreaterThan(0);
    await stop(id);
    await world.until('the report', () => world.chat.ofKind('report').length === 1, 10);
    const source = 'message:again';
    const text = await goOn(id, null, { source });
    expect(await goOn(id, null, { source })).toBe(text);
    expect(await count(id, 'campaign.continued')).toBe(1);
    expect(await goOn(id)).toBe('It is going on already.');
    await world.finish(id);
    await world.step();
    const view = await viewOf(id);
    expect(view.nodes.slice(0, before.nodes.length).map((n) => n.number)).toEqual(
      before.nodes.map((n) => n.number),
    );
    const specs = view.nodes.flatMap((n) =>
      n.trials.filter((t) => t.state !== 'withdrawn').map((t) => t.specHash),
    );
    expect(new Set(specs).size).toBe(specs.length);
    const given = view.nodes.flatMap((n) =>
      n.trials.filter((t) => t.state === 'withdrawn').map((t) => t.specHash),
    );
    expect(given.some((hash) => specs.includes(hash))).toBe(true);
    expect(view).toMatchObject({ openings: 1, ends: 2, earlier: [], kept: null });
    expect(lastReport()).toContain('opened once');
    expect(world.chat.ofKind('report')).toHaveLength(2);
    expect(view.budget.spent.computeSeconds).toBeLessThanOrEqual(180);
  });
});

describe('wrapping up', () => {
  test('ends what runs, grows nothing more, confirms the best and reports it', async () => {
    world = createWorld(database.db, { settings: keepLeast });
    const id = await world.begin(small);
    expect(await wrapUp(id)).toContain('nothing to wrap up');
    await world.until('a trained node', async () => (await trained(id)) >= 1);
    const before = (await viewOf(id)).nodes.length;
    const text = await wrapUp(id);
    expect(text).toMatch(
      /^Wrapping up, as Ana wishes: nothing new starts\. (What runs of .* is ended\. )?Now I confirm/,
    );
    expect(await wrapUp(id)).toBe('I am at it already.');
    expect(statusText(await viewOf(id))).toContain('wrapping up: confirming the best');
    await world.until('the end', async () => (await stateOf(id)) === 'finished', 60);
    await world.step();
    const view = await viewOf(id);
    expect(view.nodes).toHaveLength(before);
    expect(view.final?.confirmations.length).toBeGreaterThan(0);
    expect(existsSync(view.final?.weightsPath ?? '')).toBe(true);
    expect(await count(id, 'test.opened')).toBe(1);
    expect(lastReport()).toContain('is done.* Test split, opened once');
  });

  test('waits for what runs where nothing trained has a score yet', async () => {
    world = createWorld(database.db);
    const id = await world.begin(small);
    await world.until('a run that trains', () =>
      [...world.cluster.runs.keys()].some((key) => key.includes('-n1-')),
    );
    expect(await wrapUp(id)).toContain('what runs now goes on to its end');
    expect(statusText(await viewOf(id))).toContain('wrapping up: nothing new starts');
    const before = (await viewOf(id)).nodes.length;
    await world.until('the end', async () => (await stateOf(id)) === 'finished', 60);
    expect((await viewOf(id)).nodes).toHaveLength(before);
  });

  test('on too little says what is missing, and leaves report and weights all the same', async () => {
    world = createWorld(database.db, { settings: keepLeast });
    const id = await toScored(1);
    await wrapUp(id);
    const { brief } = await getCampaign(database.db, id);
    const { spent } = (await viewOf(id)).budget;
    const budget = { computeSeconds: spent.computeSeconds + 1, usd: null };
    await updateCampaign(database.db, id, { brief: { ...(brief as Brief), budget } });
    await world.until('the end', async () => (await stateOf(id)) === 'stopped', 30);
    await world.until('the report', () => world.chat.ofKind('report').length === 1, 10);
    const view = await viewOf(id);
    expect(view.endedBecause).toMatch(
      /^Wrapped up by Ana\. Not confirmed: The .* left are not enough for a second run of .* more would do\.$/,
    );
    expect(view.kept?.best?.weights.check).toBe('verified');
    expect(world.chat.ofKind('budget_reached').every((card) => card.closed !== null)).toBe(true);
    expect(await goOn(id)).toMatch(/not enough for another run .* Write `continue with .* more`\.$/);
  });
});

describe('continuing what has finished', () => {
  test('opens the test rows again for another winner only, and says so', { timeout: 240_000 }, async () => {
    world = createWorld(database.db, { settings: keepLeast });
    const id = await world.begin(
      'teach upper, exact match, budget 3 minutes, at most 3 experiments, no need to ask, full only',
    );
    await world.finish(id);
    await world.step();
    const first = await viewOf(id);
    const report = readFileSync(first.final?.reportPath ?? '', 'utf8');
    expect(await goOn(id, 300)).toContain('it may grow 3 more. The test rows have been opened before.');
    const between = await viewOf(id);
    expect(between).toMatchObject({ state: 'searching', final: null, openings: 1 });
    expect(between.earlier).toEqual([first.final]);
    await world.until('the second end', async () => (await stateOf(id)) === 'finished');
    await world.step();
    const second = await viewOf(id);
    expect(second.nodes.length).toBeGreaterThan(first.nodes.length);
    const isSame = second.final?.winner === first.final?.winner;
    expect(second.openings).toBe(isSame ? 1 : 2);
    expect(await count(id, 'test.opened')).toBe(second.openings);
    expect(lastReport()).toContain(
      isSame ? 'the test rows were not opened again' : 'Test split, opened 2 times',
    );
    // The baseline answered at the first end.
    const answers = (await listJobs(database.db, id)).filter((job) => job.kind === 'test');
    expect(answers).toHaveLength(isSame ? 2 : 3);
    expect(second.final?.reportPath).not.toBe(first.final?.reportPath);
    expect(readFileSync(first.final?.reportPath ?? '', 'utf8')).toBe(report);
    expect(existsSync(first.final?.weightsPath ?? '')).toBe(true);
    expect(second.budget.spent.computeSeconds).toBeLessThanOrEqual(480);
    expect(transcript(world.chat)).not.toContain('error on my side');
  });
});

describe('what has ended', () => {
  /** Stopped with a trained node; one campaign for several looks. */
  async function toStop(over: Parameters<typeof createWorld>[1] = {}, request = small): Promise<string> {
    world = createWorld(database.db, over);
    const id = await toScored(1, request);
    await stop(id);
    await world.until('the report', () => world.chat.ofKind('report').length === 1, 10);
    return id;
  }

  test('goes on by the button of its report, once, and not by that of an earlier end', async () => {
    const id = await toStop();
    const [report] = world.chat.ofKind('report');
    expect(report?.continues.map(({ label }) => label)).toEqual(['Continue', 'Continue with 2 min more']);
    const press = async (value: string, end = 1) =>
      (await world.bot.continueFromReport({ campaignId: id, user: 'U1', end, value })).private;
    expect(await press('3 pigs')).toContain('not on the card');
    expect(await Promise.all([press('2 min'), press('2 min')])).toContain(null);
    expect(await press('2 min')).toBe('It has been continued already.');
    expect((await viewOf(id)).budget.limit.computeSeconds).toBe(300);
    expect(await count(id, 'campaign.continued')).toBe(1);
    expect(await count(id, 'budget.changed')).toBe(1);
    await stop(id);
    await world.until('the second report', () => world.chat.ofKind('report').length === 2, 10);
    expect(await press('2 min', 1)).toContain('an earlier end');
    expect((await viewOf(id)).budget.limit.computeSeconds).toBe(300);
    expect(await press('', 2)).toBeNull();
    expect(await stateOf(id)).toBe('searching');
  });

  test('goes on only for who may decide about money; above the line two have to say so', async () => {
    const id = await toStop({
      settings: { approvers: ['U2', 'U3'], twoApproversAbove: { computeSeconds: 200, usd: null } },
    });
    expect(await goOn(id)).toContain('You may not decide about money here.');
    expect(await goOn(id, 300)).toContain('You may not decide about money here.');
    expect(await goOn(id, 300, { user: 'U2' })).toContain('one more person has to say yes');
    expect(await stateOf(id)).toBe('stopped');
    expect((await viewOf(id)).budget.limit.computeSeconds).toBe(180);
    expect(await goOn(id, 300, { user: 'U3' })).toContain('Going on');
    expect((await viewOf(id)).budget.limit.computeSeconds).toBe(480);
  });

  test('asks for another deadline when its own has passed', async () => {
    const id = await toStop();
    const { brief } = await getCampaign(database.db, id);
    const deadline = new Date(world.clock.now().getTime() - 1000).toISOString();
    await updateCampaign(database.db, id, { brief: { ...(brief as Brief), deadline } });
    expect(await goOn(id, 120)).toMatch(/^Its deadline, .*, has passed\. Say until when/);
    expect((await viewOf(id)).budget.limit.computeSeconds).toBe(180);
    const { threadTs } = await getCampaign(database.db, id);
    await world.say('continue until 25:99', { threadTs });
    expect(await stateOf(id)).toBe('stopped');
    await world.say('continue until tomorrow 9:00', { threadTs });
    await world.step();
    expect(transcript(world.chat)).toMatch(/Going on, as Ana wishes.*Nothing new starts after \w+ 09:00\./);
    expect(await stateOf(id)).toBe('searching');
    expect(new Date((await viewOf(id)).brief?.deadline ?? 0).getTime()).toBeGreaterThan(
      world.clock.now().getTime(),
    );
  });

  test('keeps a result that was confirmed before it was continued and stopped', async () => {
    world = createWorld(database.db, { settings: keepLeast });
    const id = await toScored(1);
    await wrapUp(id);
    await world.until('the end', async () => (await stateOf(id)) === 'finished', 60);
    await world.step();
    const { final } = await viewOf(id);
    await goOn(id, 120);
    await world.step();
    await stop(id);
    await world.until('the second report', () => world.chat.ofKind('report').length === 2, 20);
    for (let i = 0; i < 3; i++) await world.step();
    const view = await viewOf(id);
    expect(view).toMatchObject({ state: 'stopped', final: null, ends: 2, openings: 1 });
    expect(lastReport()).toContain(`Before it was continued, #${final?.winner} was confirmed and tested`);
    expect(existsSync(final?.weightsPath ?? '')).toBe(true);
    // Were another the best by now, the weights of the one that was confirmed would still be a result.
    await updateCampaign(database.db, id, { kept: null, weightsSettledAt: null });
    await world.step();
    expect((await viewOf(id)).weights.kept).toContain(final?.winner);
  });

  test('by an error, or before it began, is not continued', async () => {
    world = createWorld(database.db);
    await world.say(small);
    await world.until('a brief card', () => world.chat.last('brief') !== undefined, 5);
    const card = world.chat.last('brief')?.content;
    const id = card?.kind === 'brief' ? card.campaignId : '';
    expect(await goOn(id)).toBe('It has not started yet.');
    await world.bot.cancel({ campaignId: id, user: 'U1' });
    expect(await goOn(id)).toContain('cancelled before it started');
    await updateCampaign(database.db, id, { state: 'failed' });
    expect(await goOn(id)).toContain('ended by an error');
    expect(await count(id, 'campaign.continued')).toBe(0);
  });
});
