import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Content } from '../../src/campaign/messages.ts';
import { stopCampaign } from '../../src/operations/control/control-campaign.ts';
import { createBot } from '../../src/operations/create-bot.ts';
import { createPace, deliverMessages } from '../../src/operations/delivery/deliver-messages.ts';
import { submitJobs } from '../../src/operations/jobs/submit-jobs.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { contentText } from '../../src/report/transcript.ts';
import { buildMessage } from '../../src/slack/views/message.ts';
import { getApproval, listVotes } from '../../src/store/approvals.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listEvents } from '../../src/store/events.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { ledgerTotals } from '../../src/store/ledger.ts';
import { trial as trialTable } from '../../src/store/schema.ts';
import { createClicks } from '../support/clicks.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { emptyDatabase } from '../support/world/test-database.ts';
import { useDatabase } from '../support/world/use-world.ts';

/** Each rule is there because a public bot broke without it. */

const database = useDatabase();
let world: World;

beforeEach(() => makeWorld());
afterEach(() => world.dispose());

async function makeWorld(settings: Partial<World['ctx']['settings']> = {}): Promise<void> {
  await emptyDatabase(database);
  world?.dispose();
  world = createWorld(database.db, { settings });
}

interface Asked {
  id: string;
  approval: string;
  node: number;
  threadTs: string;
}

/** A campaign of Ana in which every trained round asks, brought to its first card. */
async function toFirstCard(
  request = 'teach upper, budget 10 minutes, ask me above 2 seconds a branch',
): Promise<Asked> {
  const id = await world.begin(request);
  await world.until('an approval card', () => world.chat.last('approval') !== undefined);
  const card = world.chat.ofKind('approval')[0];
  const { threadTs } = await getCampaign(database.db, id);
  return { id, approval: card?.approval.id as string, node: card?.node.number as number, threadTs };
}

const decide = (approvalId: string, user: string, decision: 'approve' | 'cheaper' | 'reject' = 'approve') =>
  world.bot.decide({ approvalId, decision, user });
const stateOf = async (approvalId: string): Promise<string> =>
  (await getApproval(database.db, approvalId)).state;
const viewOf = (id: string) => loadView({ ctx: world.ctx, campaignId: id });
const ranNode = (number: number): boolean =>
  [...world.cluster.runs.keys()].some((key) => key.includes(`-n${number}-`));
const eventsOf = async (id: string, name: RegExp) =>
  (await listEvents(database.db, id)).filter((e) => name.test(e.name));
const deliver = async (): Promise<void> => {
  while ((await deliverMessages({ ctx: world.ctx, pace: createPace() })) > 0);
};
/** The message of a card, and what it reads like now. */
const cardOf = (approvalId: string) =>
  world.chat.messages.find((m) => m.content.kind === 'approval' && m.content.approval.id === approvalId);
const textOf = (approvalId: string): string => contentText(cardOf(approvalId)?.content as Content);
/** Nothing held that no job stands for, nothing over the cap. */
async function expectConsistentMoney(id: string): Promise<void> {
  const { spent, reserved } = await ledgerTotals(database.db, id);
  const open = (await listJobs(database.db, id)).filter((j) => j.state !== 'harvested');
  expect(reserved.computeSeconds).toBeCloseTo(
    open.reduce((sum, j) => sum + j.limitSeconds, 0),
    6,
  );
  const cap = (await getCampaign(database.db, id)).brief?.budget.computeSeconds as number;
  expect(spent.computeSeconds + reserved.computeSeconds).toBeLessThanOrEqual(cap + 1e-6);
}

describe('decided by one atomic step from pending, side effects after it', () => {
  test('of two clicks one wins and the other is told who was first', async () => {
    const { id, approval } = await toFirstCard();
    const replies = await Promise.all([decide(approval, 'U1'), decide(approval, 'U2', 'reject')]);
    const answers = replies.map((r) => r.private);
    expect(answers.filter((a) => a === null)).toHaveLength(1);
    expect(answers.find((a) => a !== null)).toMatch(/^(Ana|Ben) has already decided/);
    const decided = await eventsOf(id, /^approval\.(approved|rejected)$/);
    expect(decided).toHaveLength(1);
    expect(decided[0]?.actor).toMatch(/^U[12]$/);
  });

  test('a double click of one person launches once', async () => {
    const { id, approval, node } = await toFirstCard();
    const replies = await Promise.all([1, 2, 3].map(() => decide(approval, 'U1')));
    expect(replies.map((r) => r.private).filter((a) => a !== null)).toEqual([
      'You have already decided: approved.',
      'You have already decided: approved.',
    ]);
    const jobs = (await listJobs(database.db, id)).filter((j) => j.key.includes(`-n${node}-`));
    expect(jobs).toHaveLength((await getApproval(database.db, approval)).specHashes.length);
    await expectConsistentMoney(id);
  });
});

describe('the state of buttons lives in the database', () => {
  test('a click after a restart works', async () => {
    const { id, approval, node } = await toFirstCard();
    const { ctx: before } = world;
    const again = createWorld(database.db);
    // What survives a restart: files, the workspace, ids that do not repeat. Nothing of the process.
    Object.assign(again.ctx, {
      settings: before.settings,
      blobs: before.blobs,
      chat: before.chat,
      newId: before.newId,
    });
    again.clock.advance(world.clock.now().getTime() - again.clock.now().getTime());
    expect(
      (await createBot(again.ctx).decide({ approvalId: approval, decision: 'approve', user: 'U1' })).private,
    ).toBeNull();
    await again.step();
    expect([...again.cluster.runs.keys()].some((key) => key.includes(`-n${node}-`))).toBe(true);
    expect(textOf(approval)).toContain('Approved by Ana');
    expect((await viewOf(id)).nodes.find((n) => n.number === node)?.state).toBe('running');
    again.dispose();
  });
});

describe('every click gets an answer, also for people without the right', () => {
  test('they are told who has it, and nothing happens', async () => {
    await makeWorld({ approvers: ['U2'] });
    const { approval } = await toFirstCard();
    const { press } = createClicks(world.bot);
    for (const verb of ['approve', 'cheaper', 'reject']) {
      const { told } = await press({ id: `${verb}:${approval}`, user: 'U1' });
      expect(told).toEqual(['You may not decide about money here. Ben can.']);
    }
    expect(await stateOf(approval)).toBe('pending');
    expect(await listVotes(database.db, { approvalId: approval })).toEqual([]);
    expect((await press({ id: `approve:${approval}`, user: 'U2' })).told).toEqual([]);
    expect(await stateOf(approval)).toBe('approved');
  });

  test('so does one that comes too late, or is about nothing', async () => {
    const { id, approval } = await toFirstCard();
    const { press } = createClicks(world.bot);
    const told = async (action: string, user = 'U2') => (await press({ id: action, user })).told[0];
    expect(await told('approve:a-none')).toMatch(/cannot find/);
    await decide(approval, 'U1', 'reject');
    expect(await told(`approve:${approval}`)).toBe('Ana has already decided: rejected.');
    await world.until('another card', () => world.chat.ofKind('approval').length > 1);
    const second = world.chat.ofKind('approval')[1]?.approval.id as string;
    const { threadTs } = await getCampaign(database.db, id);
    await world.order('stop', { threadTs });
    expect(await told(`approve:${second}`)).toMatch(/withdrawn.*nothing was started/);
  });
});

describe('acknowledged at once, and the buttons go before anything slow happens', () => {
  test('Slack has its answer before the work, the card is decided while the cluster hangs', async () => {
    const { approval } = await toFirstCard();
    let release = (): void => {};
    world.cluster.beforeCall = (name) =>
      name === 'submit' ? new Promise<void>((resolve) => (release = resolve)) : undefined;
    const { acknowledgedFirst } = await createClicks(world.bot).press({
      id: `approve:${approval}`,
      user: 'U1',
    });
    expect(acknowledgedFirst).toBe(true);
    const submitting = submitJobs({ ctx: world.ctx });
    await deliver();
    expect(textOf(approval)).toMatch(/Approved by Ana/);
    expect(textOf(approval)).not.toContain('[');
    world.cluster.beforeCall = null;
    release();
    await submitting;
  });
});

describe('each card is keyed by its own id', () => {
  test('a decision on the second card leaves the first alone', async () => {
    const { id, approval } = await toFirstCard();
    await world.until('two cards', () => world.chat.ofKind('approval').length === 2);
    const second = world.chat.ofKind('approval')[1]?.approval.id as string;
    await createClicks(world.bot).press({ id: `approve:${second}`, user: 'U2' });
    await deliver();
    expect([await stateOf(approval), await stateOf(second)]).toEqual(['pending', 'approved']);
    expect(textOf(approval)).toContain('[Approve]');
    expect(textOf(second)).toContain('Approved by Ben');
    await createClicks(world.bot).press({ id: `reject:${approval}`, user: 'U1' });
    expect([await stateOf(approval), await stateOf(second)]).toEqual(['rejected', 'approved']);
    await expectConsistentMoney(id);
  });
});

describe('a decision made elsewhere edits the card', () => {
  test('a word in the thread decides as a click does', async () => {
    const { approval, node, threadTs } = await toFirstCard();
    await world.say(`approve ${node}`, { threadTs });
    await world.step();
    expect(cardOf(approval)?.edits).toBeGreaterThan(0);
    expect(textOf(approval)).toContain('Approved by Ana');
    expect(textOf(approval)).not.toContain('[Approve]');
    expect(world.chat.ofKind('text').map((c) => c.text)).toContain(`#${node} is approved.`);
  });

  test('and so does the end of the campaign', async () => {
    const { approval, threadTs } = await toFirstCard();
    await world.order('stop', { threadTs });
    await deliver();
    expect(textOf(approval)).toContain('Withdrawn');
    expect(textOf(approval)).not.toContain('[Approve]');
  });
});

describe('the decision reaches the work that waits', () => {
  test('from the click to the score', async () => {
    const { id, approval, node } = await toFirstCard();
    await createClicks(world.bot).press({ id: `approve:${approval}`, user: 'U1' });
    await world.until('a score', async () => (await viewOf(id)).nodes[node]?.state === 'scored');
    expect(ranNode(node)).toBe(true);
    expect((await viewOf(id)).nodes[node]?.score?.value).toBeGreaterThan(0.1);
    await expectConsistentMoney(id);
  });
});

describe('a reply in the thread does not void a pending approval', () => {
  test('talk, questions and steering leave it open, and the buttons go on working', async () => {
    const { approval, threadTs } = await toFirstCard();
    for (const text of ['status', 'hm, I am not sure about this', 'why', 'no more LoRA', 'pause', 'resume']) {
      await world.say(text, { threadTs });
      await world.step();
    }
    expect(await stateOf(approval)).toBe('pending');
    expect(textOf(approval)).toContain('[Approve]');
    expect((await decide(approval, 'U1')).private).toBeNull();
  });
});

describe('the result goes to the thread that asked', () => {
  test('of two campaigns each hears of its own, and what came of the yes is said', async () => {
    const one = await toFirstCard();
    world.clock.advance(5000);
    await world.say('teach upper, budget 9 minutes, ask me above 2 seconds a branch, title: the second');
    await world.until(
      'a second brief',
      () => world.chat.ofKind('brief').some((c) => c.campaignId !== one.id),
      5,
    );
    const other = world.chat.ofKind('brief').find((c) => c.campaignId !== one.id)?.campaignId as string;
    await world.bot.start({ campaignId: other, user: 'U1' });
    await world.until('its card', () => world.chat.ofKind('approval').some((c) => c.campaignId === other));
    await decide(one.approval, 'U1');
    await world.until('the result', () => world.chat.last('node') !== undefined);
    const results = world.chat.messages.filter((m) => m.content.kind === 'node');
    expect(results.map((m) => m.threadTs)).toEqual([one.threadTs]);
    expect(results[0]?.content).toMatchObject({ kind: 'node', number: one.node });
    const aboutFirst = world.chat.messages.filter(
      (m) => 'campaignId' in m.content && m.content.campaignId === one.id,
    );
    expect(new Set(aboutFirst.map((m) => m.threadTs))).toEqual(new Set([one.threadTs]));
  });
});

describe('a confirm dialog stands before what is expensive or cannot be undone', () => {
  test('on Approve, Cheaper one and Reject', async () => {
    const { approval } = await toFirstCard();
    const { blocks } = buildMessage(cardOf(approval)?.content as Content, {
      context: { pictureMode: 'none' },
      key: 'k',
      pictureFileId: null,
    });
    const buttons = blocks.flatMap((b) => (b.type === 'actions' ? b.elements : []));
    const asked = buttons.flatMap((b) => (b.type === 'button' && b.confirm ? [b.text.text] : []));
    expect(asked).toEqual(['Approve', 'Cheaper one', 'Reject']);
    const approve = buttons[0];
    expect(approve?.type === 'button' && approve.confirm?.text.text).toMatch(
      /^It will use about \d+ s \(\d+ to \d+; stopped at \d+\)\.$/,
    );
  });
});

describe('an approval is bound to the hashes of what was shown', () => {
  const tamper = async (nodeNumber: number, id: string): Promise<void> => {
    const view = await viewOf(id);
    const hash = view.nodes[nodeNumber]?.trials[0]?.specHash as string;
    const [row] = await database.db.select().from(trialTable).where(eq(trialTable.specHash, hash));
    if (row === undefined) throw new Error('no trial');
    await database.db
      .update(trialTable)
      .set({ spec: { ...row.spec, seed: row.spec.seed + 1 } })
      .where(eq(trialTable.id, row.id));
  };

  test('a plan that was changed under the card is not launched, and the question stays open', async () => {
    const { id, approval, node } = await toFirstCard();
    await tamper(node, id);
    const { told } = await createClicks(world.bot).press({ id: `approve:${approval}`, user: 'U1' });
    expect(told[0]).toContain('started nothing');
    expect(await stateOf(approval)).toBe('pending');
    expect(await listVotes(database.db, { approvalId: approval })).toEqual([]);
    await expectConsistentMoney(id);
  });

  test('one that is changed between the yes and its start is not handed to the cluster', async () => {
    const { id, approval, node } = await toFirstCard();
    await decide(approval, 'U1');
    const key = (await listJobs(database.db, id)).find((j) => j.key.includes(`-n${node}-t0-`))?.key as string;
    await tamper(node, id);
    await world.step();
    expect(world.cluster.runs.has(key)).toBe(false);
    await expectConsistentMoney(id);
  });

  test('a yes to the cheaper one is none to the dear one: other hashes, another ceiling', async () => {
    const { approval } = await toFirstCard();
    const before = await getApproval(database.db, approval);
    await decide(approval, 'U1', 'cheaper');
    const after = await getApproval(database.db, approval);
    expect(after.specHashes.some((hash) => before.specHashes.includes(hash))).toBe(false);
    expect(after.ceilingSeconds).toBeLessThan(before.ceilingSeconds);
  });

  test('what the cluster lost runs again only within the ceiling that was approved', async () => {
    const { id, approval, node } = await toFirstCard();
    const { ceilingSeconds, expectedSeconds } = await getApproval(database.db, approval);
    await decide(approval, 'U1');
    await world.step();
    await world.step(Math.ceil(expectedSeconds * 0.2 * 1000));
    for (const key of world.cluster.runs.keys())
      if (key.includes(`-n${node}-`)) world.cluster.end(key, 'lost');
    await world.until('an end', async () =>
      ['scored', 'failed'].includes((await viewOf(id)).nodes[node]?.state ?? ''),
    );
    expect((await viewOf(id)).nodes[node]?.cost.computeSeconds).toBeLessThanOrEqual(ceilingSeconds + 1e-6);
  });
});

describe('a late yes beats what happens at the same moment', () => {
  test.each(['approve first', 'stop first'])(
    'stop and approve at once have one outcome, %s',
    async (order) => {
      const { id, approval, node, threadTs } = await toFirstCard();
      const together =
        order === 'approve first'
          ? [decide(approval, 'U2'), world.order('stop', { threadTs })]
          : [stopCampaign({ ctx: world.ctx, input: { campaignId: id, user: 'U1' } }), decide(approval, 'U2')];
      await Promise.all<unknown>(together);
      const state = await stateOf(approval);
      // One connection does them in the order given; on several, whoever reaches the lock first.
      expect(['approved', 'withdrawn']).toContain(state);
      const reply = (await decide(approval, 'U2')).private ?? '';
      expect(reply).toMatch(state === 'approved' ? /^You have already decided: approved/ : /withdrawn/);
      expect(await eventsOf(id, /^approval\.(approved|rejected)$/)).toHaveLength(
        state === 'approved' ? 1 : 0,
      );
      await world.step();
      await world.step();
      expect((await getCampaign(database.db, id)).state).toBe('stopped');
      expect((await viewOf(id)).nodes[node]?.state).toBe('withdrawn');
      expect(ranNode(node)).toBe(false);
      expect((await ledgerTotals(database.db, id)).reserved).toEqual({ computeSeconds: 0, usd: 0 });
      await expectConsistentMoney(id);
    },
  );

  test('a week later a yes still counts', async () => {
    const { approval } = await toFirstCard();
    world.clock.advance(7 * 86_400_000);
    await world.step();
    expect((await decide(approval, 'U1')).private).toBeNull();
    expect(await stateOf(approval)).toBe('approved');
  });
});

describe('a person is who Slack says clicked', () => {
  test('nothing on the button, and no table of ours, can make them somebody else', async () => {
    await makeWorld({ approvers: ['U2'] });
    const { approval } = await toFirstCard();
    const { press } = createClicks(world.bot);
    await press({ id: `approve:${approval}:U2`, value: 'U2', user: 'U1' });
    expect(await stateOf(approval)).toBe('pending');
    await press({ id: `approve:${approval}:U1`, value: 'U1', user: 'U2' });
    expect((await getApproval(database.db, approval)).decidedBy).toBe('U2');
  });
});

describe('an unanswered question never turns into yes or no', () => {
  test('it waits for ever, and its branch with it', async () => {
    const { id, approval, node } = await toFirstCard();
    for (let i = 0; i < 50; i++) await world.step(3600_000);
    expect(await stateOf(approval)).toBe('pending');
    expect((await viewOf(id)).nodes[node]?.state).toBe('awaiting_approval');
    expect((await getCampaign(database.db, id)).state).toBe('searching');
    const waits = world.chat.ofKind('text').filter((c) => c.text.includes('still'));
    expect(waits.length).toBeGreaterThan(0);
    expect(waits.length).toBeLessThan(10);
  });
});

describe('two people above the line', () => {
  const twoAbove2s = { twoApproversAbove: { computeSeconds: 2, usd: null } };

  test('the first yes is shown and starts nothing, the second starts it', async () => {
    await makeWorld(twoAbove2s);
    const { id, approval, node } = await toFirstCard();
    expect(textOf(approval)).toContain('Two people have to say yes.');
    expect((await decide(approval, 'U1')).private).toContain('one more person');
    await world.step();
    expect(await stateOf(approval)).toBe('pending');
    expect(textOf(approval)).toContain('Approved by Ana; one more yes is needed');
    expect(textOf(approval)).toContain('[Approve]');
    expect(ranNode(node)).toBe(false);
    expect((await ledgerTotals(database.db, id)).reserved.computeSeconds).toBe(0);
    expect((await decide(approval, 'U2')).private).toBeNull();
    await world.step();
    expect(textOf(approval)).toContain('Approved by Ana and Ben');
    expect(ranNode(node)).toBe(true);
    expect((await eventsOf(id, /^approval\.(voted|approved)$/)).map((e) => e.actor)).toEqual(['U1', 'U2']);
  });

  test('the same person does not count twice, not even at once', async () => {
    await makeWorld(twoAbove2s);
    const { id, approval } = await toFirstCard();
    const replies = await Promise.all([1, 2, 3].map(() => decide(approval, 'U1')));
    expect(replies.filter((r) => r.private?.includes('nobody counts twice'))).toHaveLength(2);
    expect(await stateOf(approval)).toBe('pending');
    expect(await listVotes(database.db, { approvalId: approval })).toHaveLength(1);
    expect(await eventsOf(id, /^approval\.voted$/)).toHaveLength(1);
  });

  test('two people at once are enough, and it starts once', async () => {
    await makeWorld(twoAbove2s);
    const { id, approval } = await toFirstCard();
    await Promise.all([decide(approval, 'U1'), decide(approval, 'U2')]);
    expect(await stateOf(approval)).toBe('approved');
    expect(await eventsOf(id, /^approval\.approved$/)).toHaveLength(1);
    await expectConsistentMoney(id);
  });

  test('one no decides, also of somebody who had said yes', async () => {
    await makeWorld(twoAbove2s);
    const { approval } = await toFirstCard();
    await decide(approval, 'U1');
    expect((await decide(approval, 'U1', 'reject')).private).toBeNull();
    expect(await stateOf(approval)).toBe('rejected');
    expect((await decide(approval, 'U2')).private).toBe('Ana has already decided: rejected.');
  });

  test('a yes to the dear one and a yes to the cheaper one do not add up', async () => {
    await makeWorld(twoAbove2s);
    const { approval } = await toFirstCard();
    await decide(approval, 'U1');
    await decide(approval, 'U2', 'cheaper');
    await deliver();
    expect(await stateOf(approval)).toBe('pending');
    expect(textOf(approval)).toContain('The cheaper one approved by Ben; one more yes is needed');
    await decide(approval, 'U1', 'cheaper');
    expect(await stateOf(approval)).toBe('approved');
  });

  test('below the line one is enough', async () => {
    await makeWorld({ twoApproversAbove: { computeSeconds: 3600, usd: null } });
    const { approval } = await toFirstCard();
    expect(textOf(approval)).not.toContain('Two people');
    await decide(approval, 'U1');
    expect(await stateOf(approval)).toBe('approved');
  });

  test('a first yes survives a restart, and counts only while its person may say it', async () => {
    await makeWorld(twoAbove2s);
    const { approval } = await toFirstCard();
    await decide(approval, 'U1');
    const restarted = (settings: object) =>
      createBot({ ...world.ctx, settings: { ...world.ctx.settings, ...settings } });
    const second = { approvalId: approval, decision: 'approve' as const, user: 'U2' };
    expect((await restarted({ approvers: ['U2', 'U3'] }).decide(second)).private).toContain(
      'one more person',
    );
    expect((await restarted({}).decide(second)).private).toBeNull();
    expect(await stateOf(approval)).toBe('approved');
  });
});

describe('no self-approval, where it is ruled out', () => {
  test('neither who asked nor who pressed Start may approve, others may', async () => {
    await makeWorld({ noSelfApproval: true, approvers: ['U1', 'U2', 'U3'] });
    await world.say('teach upper, budget 10 minutes, ask me above 2 seconds a branch', { user: 'U3' });
    await world.until('a brief card', () => world.chat.last('brief') !== undefined, 5);
    const campaignId = world.chat.ofKind('brief')[0]?.campaignId as string;
    await world.bot.start({ campaignId, user: 'U1' });
    await world.until('a card', () => world.chat.last('approval') !== undefined);
    const approval = world.chat.ofKind('approval')[0]?.approval.id as string;
    for (const user of ['U1', 'U3'])
      expect((await decide(approval, user)).private).toMatch(
        /^You asked for this work yourself.* Ben can\.$/,
      );
    expect(await stateOf(approval)).toBe('pending');
    expect((await decide(approval, 'U2')).private).toBeNull();
    expect(await stateOf(approval)).toBe('approved');
  });

  test('they are told who can, or that nobody can; and may still reject', async () => {
    await makeWorld({ noSelfApproval: true, approvers: ['U1', 'U2'] });
    const { approval } = await toFirstCard();
    expect((await decide(approval, 'U1')).private).toMatch(/ Ben can\.$/);
    world.ctx.settings.approvers = ['U1'];
    expect((await decide(approval, 'U1')).private).toContain('TREX_APPROVERS');
    expect((await decide(approval, 'U1', 'reject')).private).toBeNull();
    expect(await stateOf(approval)).toBe('rejected');
  });
});

describe('the audit', () => {
  test('holds who, when and the card as it was seen', async () => {
    const { id, approval, node } = await toFirstCard();
    const seen = await getApproval(database.db, approval);
    const at = world.clock.now();
    await decide(approval, 'U1', 'cheaper');
    const [row] = await eventsOf(id, /^approval\.approved$/);
    expect(row).toMatchObject({ actor: 'U1', at });
    expect(row?.data).toMatchObject({
      approval,
      decision: 'cheaper',
      node,
      card: {
        ...seen.card,
        specHashes: seen.specHashes,
        ceiling: { computeSeconds: seen.ceilingSeconds, usd: seen.ceilingUsd },
        votes: [{ user: 'U1', decision: 'cheaper' }],
      },
    });
  });
});
