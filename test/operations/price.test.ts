import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadView } from '../../src/operations/view/load-view.ts';
import { contentText } from '../../src/report/transcript.ts';
import { findCalibration } from '../../src/store/calibrations.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { ledgerTotals } from '../../src/store/ledger.ts';
import { listTrials } from '../../src/store/trials.ts';
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
  world = createWorld(database.db, { settings: { usdPerHour: null, ...settings } });
}

const campaignOf = (id: string) => getCampaign(database.db, id);
const lastText = (): string => {
  const content = world.chat.last('text')?.content;
  return content?.kind === 'text' ? content.text : '';
};

/** Every dollar is an hour's price times the hours. */
async function expectDollars(id: string, usdPerHour: number): Promise<void> {
  const { spent, reserved } = await ledgerTotals(database.db, id);
  expect(spent.usd).toBeCloseTo((spent.computeSeconds / 3600) * usdPerHour);
  expect(reserved.usd).toBeCloseTo((reserved.computeSeconds / 3600) * usdPerHour);
  for (const trial of await listTrials(database.db, id))
    expect(trial.expectedUsd).toBeCloseTo((trial.expectedSeconds / 3600) * usdPerHour);
}

describe('a budget in dollars where nobody knows the price', () => {
  test('is asked about once; the answer is on the card and pays for the campaign', async () => {
    await world.say('teach upper, exact match, budget $3, no need to ask, full only');
    await world.step();
    const asked = world.chat.last('question');
    expect(asked?.content).toMatchObject({ question: { field: 'usdPerHour' } });
    if (asked?.content.kind !== 'question') throw new Error('no question');
    const { threadTs } = await campaignOf(asked.content.campaignId);
    await world.say('$36 an hour', { threadTs });
    await world.until('a brief card', () => world.chat.last('brief') !== undefined, 5);
    const card = world.chat.last('brief')?.content;
    if (card?.kind !== 'brief') throw new Error('no brief');
    expect(card.brief).toMatchObject({ budget: { usd: 3 }, price: { usdPerHour: 36, saidBy: 'Ana' } });
    expect(contentText(card)).toContain('An hour on one slot costs $36, as Ana said');
    await world.bot.start({ campaignId: card.campaignId, user: 'U1' });
    await world.finish(card.campaignId);
    await expectDollars(card.campaignId, 36);
    const { spent } = await ledgerTotals(database.db, card.campaignId);
    expect(spent.usd).toBeGreaterThan(1);
    expect(spent.usd).toBeLessThanOrEqual(3);
  });

  test('is given up by a button, and minutes are asked for', async () => {
    await world.say('teach upper, exact match, budget $3, no need to ask');
    await world.step();
    const question = world.chat.last('question')?.content;
    if (question?.kind !== 'question') throw new Error('no question');
    const input = { campaignId: question.campaignId, field: 'usdPerHour', value: 'minutes', user: 'U1' };
    await world.bot.answerQuestion({ ...input, messageTs: world.chat.last('question')?.ts ?? '' });
    await world.step();
    expect(world.chat.last('question')?.content).toMatchObject({ question: { field: 'budget' } });
  });
});

describe('a price said in the thread of a running campaign', () => {
  async function toWaiting(): Promise<{ id: string; threadTs: string }> {
    const id = await world.begin('teach upper, budget 10 minutes, ask me above 2 seconds a branch');
    await world.until('an approval card', () => world.chat.last('approval') !== undefined);
    return { id, threadTs: (await campaignOf(id)).threadTs };
  }

  test('counts for what was spent and held before, and cards show it', async () => {
    const { id, threadTs } = await toWaiting();
    expect((await ledgerTotals(database.db, id)).spent.usd).toBe(0);
    await world.order('set the budget to $5', { threadTs });
    await world.step();
    expect(lastText()).toContain('`price $2.50`');
    await world.say('price $36', { threadTs });
    await world.step();
    expect(lastText()).toMatch(/^I count \$36 for an hour .*: \$0\.\d\d spent so far\./);
    await expectDollars(id, 36);
    const card = world.chat.ofKind('approval')[0];
    expect(contentText(card!)).toMatch(
      /Cost: about \d+ s \(.*\), \$0\.\d\d \(\$0\.\d\d to \$0\.\d\d; at most/,
    );
    await world.order('set the budget to $5', { threadTs });
    expect((await campaignOf(id)).brief?.budget).toEqual({ computeSeconds: 600, usd: 5 });
    // The cheaper plan was made before there was a price.
    await world.bot.decide({ approvalId: card!.approval.id, decision: 'cheaper', user: 'U1' });
    await world.step();
    await expectDollars(id, 36);
    expect((await ledgerTotals(database.db, id)).reserved.usd).toBeGreaterThan(0);
  });

  test('is said once: it stays, as does one that is configured', async () => {
    const { id, threadTs } = await toWaiting();
    const say = async (text: string, user = 'U1'): Promise<string> => {
      await world.say(text, { threadTs, user });
      await world.step();
      return lastText();
    };
    expect(await say('price $0')).toContain('no price that I can count with');
    await say('price $36');
    expect(await say('price $1', 'U2')).toBe(
      'An hour on one slot costs $36, as Ana said; I count with that.',
    );
    expect((await campaignOf(id)).brief?.price).toEqual({ usdPerHour: 36, saidBy: 'Ana' });
    world.ctx.settings.usdPerHour = 7;
    expect(await say('price $1')).toBe(
      'An hour on one slot costs $7 by my configuration (TREX_USD_PER_HOUR); I count with that.',
    );
  });

  test('only by those who may decide about money', async () => {
    await makeWorld({ approvers: ['U2'] });
    const { id, threadTs } = await toWaiting();
    await world.say('price $1', { threadTs });
    await world.step();
    expect(lastText()).toBe('You may not decide about money here. Ben can.');
    expect((await campaignOf(id)).brief?.price).toBeUndefined();
  });
});

describe('what runs took', () => {
  test('corrects the engine’s own prediction, whatever factor a run was planned with', async () => {
    const { estimate } = world.ctx.engine;
    // Half of what runs take: trials of the first round are all planned before any was measured.
    world.ctx.engine.estimate = (spec, rows, items) => {
      const real = estimate(spec, rows, items);
      return { ...real, seconds: real.seconds / 2 };
    };
    const id = await world.begin();
    await world.finish(id);
    const { factor, runs, squaredError } = await findCalibration(database.db, 'fake/fake/full');
    expect(runs).toBeGreaterThan(5);
    expect(factor).toBeGreaterThan(1.7);
    expect(factor).toBeLessThan(2.4);
    // Runs here take what they take: the band has become narrower than the published one.
    expect(Math.sqrt(squaredError ?? 1)).toBeLessThan(0.16);
  });

  test('lies in the band that was told', async () => {
    const id = await world.begin();
    await world.finish(id);
    const jobs = await listJobs(database.db, id);
    const trials = (await listTrials(database.db, id)).filter((t) => t.predictedSeconds !== null);
    const told = trials.flatMap((trial) => {
      const run = jobs.find((job) => job.trialId === trial.id && job.kind === 'run');
      return run === undefined ? [] : [run.runSeconds / trial.expectedSeconds];
    });
    expect(told.length).toBeGreaterThan(5);
    expect(told.filter((ratio) => ratio >= 0.7 && ratio <= 1.5).length / told.length).toBeGreaterThan(0.8);
    expect((await loadView({ ctx: world.ctx, campaignId: id })).state).toBe('finished');
  });
});
