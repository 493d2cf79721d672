import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Content } from '../../src/campaign/messages.ts';
import { TrexError } from '../../src/lib/errors.ts';
import { createBot } from '../../src/operations/create-bot.ts';
import { approvedPython } from '../../src/operations/data/approved-code.ts';
import { createPace, deliverMessages } from '../../src/operations/delivery/deliver-messages.ts';
import { advanceCampaign } from '../../src/operations/tree/advance-campaign.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { codeHash } from '../../src/recipe/recipe.ts';
import { contentText } from '../../src/report/transcript.ts';
import { listApprovals } from '../../src/store/approvals.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listEvents } from '../../src/store/events.ts';
import { listNodes, updateNode } from '../../src/store/nodes.ts';
import {
  type CodingResearcher,
  codingResearcher,
  type FakeSandbox,
  fakeSandbox,
} from '../support/coding-researcher.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { emptyDatabase } from '../support/world/test-database.ts';
import { useDatabase } from '../support/world/use-world.ts';

/** Code of a language model runs only after a person saw it and said yes. */

const code = 'def map_row(row):\n    return row if len(row["prompt"]) % 3 else None';
const other = 'def map_row(row):\n    return row';

const database = useDatabase();
let world: World;
let sandbox: FakeSandbox;
let researcher: CodingResearcher;

beforeEach(() => makeWorld());
afterEach(() => world.dispose());

async function makeWorld(
  settings: Partial<World['ctx']['settings']> = {},
  codes: string[] = [code],
  box = fakeSandbox(),
): Promise<void> {
  await emptyDatabase(database);
  world?.dispose();
  world = createWorld(database.db, { settings, slots: 1 });
  sandbox = box;
  researcher = codingResearcher(codes);
  world.ctx.sandbox = sandbox;
  world.ctx.researcher = researcher;
}

const request = 'teach upper, exact match, budget 8 minutes, one at a time, no need to ask, full only';

interface Asked {
  id: string;
  approval: string;
  node: number;
  threadTs: string;
}

/** A campaign of Ana that nobody wants to be asked about, brought to its card about code. */
async function toCard(asked = request): Promise<Asked> {
  const id = await world.begin(asked);
  await world.until('a card about code', () => cards().length > 0);
  const card = cards()[0] as Card;
  const { threadTs } = await getCampaign(database.db, id);
  return { id, approval: card.approval.id, node: card.node.number, threadTs };
}
type Card = Extract<Content, { kind: 'approval' }>;
const cards = (): Card[] => world.chat.ofKind('approval').filter((c) => c.approval.code !== null);
const moneyCards = (): Card[] => world.chat.ofKind('approval').filter((c) => c.approval.code === null);
const decide = (approvalId: string, user = 'U1', decision: 'approve' | 'cheaper' | 'reject' = 'approve') =>
  world.bot.decide({ approvalId, decision, user });
const nodeOf = async (id: string, number: number) =>
  (await loadView({ ctx: world.ctx, campaignId: id })).nodes.find((n) => n.number === number);
const stateOf = async (id: string, number: number) => (await nodeOf(id, number))?.state;
const deliver = async (): Promise<void> => {
  while ((await deliverMessages({ ctx: world.ctx, pace: createPace() })) > 0);
};
const textOf = (approvalId: string): string => {
  const found = world.chat.messages.find(
    (m) => m.content.kind === 'approval' && m.content.approval.id === approvalId,
  );
  return contentText(found?.content as Content);
};
const say = (text: string, threadTs: string, user = 'U1') => world.say(text, { threadTs, user });

describe('code that nobody has seen', () => {
  test('is shown whole and has not run, not even to plan its round; whatever the round costs', async () => {
    const { approval, id, node } = await toCard();
    expect(sandbox.ran).toEqual([]);
    const text = textOf(approval);
    expect(text).toContain(code);
    expect(text).toContain('What the code is for: drop rows that teach nothing.');
    expect(text).toContain('It runs where it has no network.');
    expect(text).toContain('Nothing of it has run.');
    expect(text).toMatch(/The training after it would cost about \d/);
    expect(text).toMatch(/\[Approve\] \[Reject\] \[Ask why\]$/);
    expect((await nodeOf(id, node))?.trials).toEqual([]);
    expect((await listApprovals(database.db, id)).at(-1)).toMatchObject({
      kind: 'code',
      specHashes: [codeHash(code)],
    });
  });

  test('waits for as long as it takes, and the search goes on elsewhere, without more such questions', async () => {
    await makeWorld({}, [code, other]);
    const { id, node } = await toCard();
    await world.until('three more rounds', async () => (await listNodes(database.db, id)).length > node + 3);
    expect(await stateOf(id, node)).toBe('awaiting_approval');
    expect(cards()).toHaveLength(1);
    expect(sandbox.ran).toEqual([]);
    expect(researcher.shown.at(-1)?.sandbox).toMatchObject({ takesNew: false });
  });

  test('is all that is left: the thread says that it waits', async () => {
    const { id, node } = await toCard(`${request}, at most 4 experiments`);
    await world.until('the word', () =>
      world.chat.ofKind('text').some(({ text }) => text.includes(`#${node} still waits for a yes or no`)),
    );
    expect((await getCampaign(database.db, id)).state).toBe('searching');
    expect(sandbox.ran).toEqual([]);
  });

  test('cannot reach the sandbox by another way', async () => {
    const { id } = await toCard();
    const run = approvedPython(world.ctx, id);
    for (const text of [code, `${code} `, other])
      await expect(run({ code: text, seed: 1, rows: '' })).rejects.toMatchObject({
        code: 'code_not_approved',
      });
    expect(sandbox.ran).toEqual([]);
  });
});

describe('a yes', () => {
  test('runs exactly this code over the rows, and its round trains on what comes of them', async () => {
    const { id, approval, node } = await toCard();
    expect((await decide(approval)).private).toBeNull();
    expect(await stateOf(id, node)).toBe('planned');
    await world.until('its round', async () => (await stateOf(id, node)) === 'scored');
    expect(sandbox.ran.length).toBeGreaterThan(0);
    expect(new Set(sandbox.ran.map((job) => job.code))).toEqual(new Set([code]));
    const row = (await listNodes(database.db, id)).find((n) => n.number === node);
    const step = row?.trace?.find((t) => t.step.startsWith('run code'));
    expect(step?.after).toBeLessThan(step?.before as number);
    expect(row?.proposal).toBeNull();
    expect(textOf(approval)).toMatch(/Code approved by Ana, \d\d:\d\d UTC · for this campaign$/);
    expect(moneyCards()).toEqual([]);
  });

  test('holds for later rounds with the same code, and for no other', async () => {
    const { id, approval, node } = await toCard();
    await decide(approval);
    await world.until('its round', async () => (await stateOf(id, node)) === 'scored');
    researcher.shown.length = 0;
    await world.until('rounds below it', async () => {
      const nodes = await listNodes(database.db, id);
      const own = nodes.find((n) => n.number === node)?.id;
      return nodes.some((n) => n.parentId === own && n.state !== 'planned') || (await isOver(id));
    });
    expect(cards()).toHaveLength(1);
    expect(researcher.shown.at(-1)?.sandbox?.approved).toEqual(new Set([codeHash(code)]));
    const run = approvedPython(world.ctx, id);
    await expect(run({ code: other, seed: 1, rows: '' })).rejects.toMatchObject({
      code: 'code_not_approved',
    });
  });

  test('does not hold in another campaign', async () => {
    const { approval } = await toCard();
    await decide(approval);
    const second = approvedPython(world.ctx, 'c-other');
    await expect(second({ code, seed: 1, rows: '' })).rejects.toMatchObject({ code: 'code_not_approved' });
  });

  test('is none to the money: above the line people are asked again, on another card', async () => {
    const { propose } = researcher;
    researcher.propose = async (context, thinking) => {
      const proposal = await propose(context, thinking);
      if (proposal?.recipe.steps.some((step) => step.op === 'python_map') !== true) return proposal;
      const trials = proposal.trials.map((t) => ({ ...t, training: { ...t.training, epochs: 40 } }));
      return { ...proposal, trials };
    };
    const { id, approval, node } = await toCard(
      'teach upper, exact match, budget 90 minutes, one at a time, ask me above 3 minutes a branch, full only',
    );
    await decide(approval);
    const isAsked = () => moneyCards().some((c) => c.node.number === node);
    await world.until('a card about money', isAsked);
    expect(textOf(approval)).toContain('Code approved by Ana');
    const money = moneyCards().find((c) => c.node.number === node);
    expect(money?.approval.expected.computeSeconds).toBeGreaterThan(180);
    expect(await stateOf(id, node)).toBe('awaiting_approval');
    await decide(money?.approval.id as string);
    expect(await stateOf(id, node)).toBe('running');
  });

  test('is decided once, and every later click is told so', async () => {
    const { approval } = await toCard();
    const replies = await Promise.all([decide(approval), decide(approval, 'U2', 'reject')]);
    expect(replies.map((r) => r.private).filter((a) => a === null)).toHaveLength(1);
    expect((await decide(approval, 'U2')).private).toMatch(/already decided/);
    expect((await decide(approval, 'U2', 'cheaper')).private).toMatch(/already decided/);
  });

  test('survives a restart: what was approved runs then', async () => {
    const { id, approval, node } = await toCard();
    await decide(approval);
    const again = createWorld(database.db, { slots: 1 });
    Object.assign(again.ctx, {
      settings: world.ctx.settings,
      blobs: world.ctx.blobs,
      chat: world.ctx.chat,
      newId: world.ctx.newId,
      sandbox,
      researcher,
    });
    again.clock.advance(world.clock.now().getTime() - again.clock.now().getTime());
    again.cluster = world.cluster;
    again.ctx.cluster = world.ctx.cluster;
    await again.until('its round', async () => (await stateOf(id, node)) !== 'planned');
    expect(sandbox.ran.length).toBeGreaterThan(0);
    expect(await stateOf(id, node)).toBe('running');
    again.dispose();
  });

  test('is refused when the round would run other code than the card shows', async () => {
    const { id, approval, node } = await toCard();
    const row = (await listNodes(database.db, id)).find((n) => n.number === node);
    const recipe = structuredClone(row?.recipe);
    const step = recipe?.steps.find((s) => s.op === 'python_map');
    if (recipe == null || step?.op !== 'python_map') throw new Error('no code');
    step.code = other;
    await updateNode(database.db, row?.id as number, { recipe });
    await expect(decide(approval)).rejects.toMatchObject({ code: 'spec_changed' });
    expect(await stateOf(id, node)).toBe('awaiting_approval');
    expect(sandbox.ran).toEqual([]);
  });

  test('is kept with what was seen', async () => {
    const { id, approval } = await toCard();
    await decide(approval);
    const event = (await listEvents(database.db, id)).find((e) => e.name === 'approval.approved');
    expect(event?.actor).toBe('U1');
    expect(JSON.stringify(event?.data)).toContain(codeHash(code));
    expect(event?.data).toMatchObject({ card: { code: { code } } });
  });
});

const isOver = async (id: string): Promise<boolean> =>
  (await getCampaign(database.db, id)).state !== 'searching';

describe('a no', () => {
  test('ends the round; the code never runs and is not proposed again', async () => {
    await makeWorld({}, [code, code, code]);
    const { id, approval, node } = await toCard();
    expect((await decide(approval, 'U1', 'reject')).private).toBeNull();
    expect(await stateOf(id, node)).toBe('withdrawn');
    await world.finish(id);
    expect(sandbox.ran).toEqual([]);
    expect(cards()).toHaveLength(1);
    expect(researcher.shown.at(-1)?.sandbox?.refused).toEqual(new Set([codeHash(code)]));
    expect(textOf(approval)).toMatch(/Rejected by Ana.*it never ran, and I do not propose it again$/);
  });

  test('said twice to different code ends such questions', async () => {
    const third = `${other}\n# third`;
    await makeWorld({}, [code, other, third]);
    // Nothing is asked that the money left could not hold.
    const { id, approval } = await toCard(request.replace('8 minutes', '10 minutes'));
    await decide(approval, 'U1', 'reject');
    await world.until('a second card', async () => cards().length === 2 || (await isOver(id)));
    await decide(cards()[1]?.approval.id as string, 'U1', 'reject');
    await world.finish(id);
    expect(cards()).toHaveLength(2);
  });

  test('is also what a plan finds that holds such code', async () => {
    await makeWorld({}, [code]);
    const { id, approval } = await toCard();
    await decide(approval, 'U1', 'reject');
    // A Researcher that proposes it all the same.
    world.ctx.researcher = codingResearcher([code]);
    const { propose } = world.ctx.researcher;
    world.ctx.researcher = {
      ...world.ctx.researcher,
      propose: (context, thinking) =>
        propose(
          { ...context, sandbox: { approved: new Set(), refused: new Set(), takesNew: true } },
          thinking,
        ),
    };
    await world.finish(id);
    expect(cards()).toHaveLength(1);
    expect(sandbox.ran).toEqual([]);
  });
});

describe('who may say it', () => {
  test('approvers; others are told who', async () => {
    await makeWorld({ approvers: ['U2'] });
    const { id, approval, node } = await toCard();
    expect((await decide(approval)).private).toBe('You may not decide about code here. Ben can.');
    expect(await stateOf(id, node)).toBe('awaiting_approval');
    expect((await decide(approval, 'U2')).private).toBeNull();
  });

  test('not whoever asked for the work, where that is the rule', async () => {
    await makeWorld({ noSelfApproval: true });
    const { approval } = await toCard();
    expect((await decide(approval)).private).toMatch(/You asked for this work yourself/);
    expect((await decide(approval, 'U2')).private).toBeNull();
  });

  test('two people, where its round may cost enough', async () => {
    await makeWorld({ twoApproversAbove: { computeSeconds: 1, usd: null } });
    const { id, approval, node } = await toCard();
    expect((await decide(approval)).private).toMatch(/one more person has to say yes/);
    expect(await stateOf(id, node)).toBe('awaiting_approval');
    await deliver();
    expect(textOf(approval)).toContain('Approved by Ana; one more yes is needed.');
    await decide(approval, 'U2');
    expect(await stateOf(id, node)).toBe('planned');
  });

  test('in words in the thread', async () => {
    const { id, node, threadTs } = await toCard();
    await say('status', threadTs);
    await say(`approve ${node}`, threadTs);
    await deliver();
    const said = world.chat.ofKind('text').map(({ text }) => text);
    expect(said.some((text) => text.includes(`#${node} waits for a yes: its code is on a card above.`))).toBe(
      true,
    );
    expect(said.at(-1)).toBe(`The code of #${node} is approved. It runs next, and the training after it.`);
    expect(await stateOf(id, node)).toBe('planned');
    await say(`show ${node}`, threadTs);
    await deliver();
    expect(contentText(world.chat.ofKind('node').at(-1) as Content)).toContain(
      'Code: drop rows that teach nothing. It was approved by Ana.',
    );
  });
});

describe('a campaign that ends', () => {
  test('withdraws the question; a late yes starts nothing', async () => {
    const { id, approval, threadTs } = await toCard();
    await world.order('stop', { threadTs });
    await deliver();
    expect((await decide(approval)).private).toBe(
      'This question was withdrawn when the campaign ended; nothing was started.',
    );
    expect(textOf(approval)).toMatch(/Withdrawn · it never ran$/);
    await advanceCampaign({ ctx: world.ctx, campaignId: id });
    expect(sandbox.ran).toEqual([]);
  });

  test('after the yes and before the run runs nothing', async () => {
    const { id, approval, node, threadTs } = await toCard();
    await decide(approval);
    await world.order('stop', { threadTs });
    await world.step();
    expect(await stateOf(id, node)).toBe('withdrawn');
    expect(sandbox.ran).toEqual([]);
  });

  test('after a pause runs it when it goes on', async () => {
    const { id, approval, node, threadTs } = await toCard();
    await say('pause', threadTs);
    expect((await decide(approval)).private).toBeNull();
    await world.step();
    expect(sandbox.ran).toEqual([]);
    await say('resume', threadTs);
    await world.until('its round', async () => (await stateOf(id, node)) === 'running');
  });
});

describe('code that goes wrong', () => {
  const failing = (error: TrexError): FakeSandbox => ({
    ...fakeSandbox(),
    run: async () => {
      throw error;
    },
  });

  test('ends its round with the row and the line, costs nothing, and is not proposed again', async () => {
    const message = "Its code failed on row 17: KeyError: 'anwser' (line 3).";
    await makeWorld({}, [code, code], failing(new TrexError('python_failed', 'data', message)));
    const { id, approval, node } = await toCard();
    await decide(approval);
    await world.until('its end', async () => (await stateOf(id, node)) !== 'planned');
    expect(await nodeOf(id, node)).toMatchObject({
      state: 'failed',
      failure: { code: 'python_failed', fault: 'data', message },
    });
    await deliver();
    const failure = world.chat.ofKind('failure')[0];
    expect(contentText(failure as Content)).toContain(message);
    expect((await nodeOf(id, node))?.cost.computeSeconds).toBe(0);
    await world.finish(id);
    const shown = researcher.shown.at(-1);
    expect(shown?.sandbox?.refused).toEqual(new Set([codeHash(code)]));
    expect(shown?.keyNodes.find((n) => n.view.number === node)?.view.failure?.message).toBe(message);
    expect(cards()).toHaveLength(1);
  });

  test('changes nothing: the round is not run a second time', async () => {
    await makeWorld(
      {},
      [other],
      fakeSandbox((row) => [row]),
    );
    const inner = researcher;
    // The same settings as the parent's, so that only the code could make a difference.
    world.ctx.researcher = {
      ...inner,
      propose: async (context, thinking) => {
        const proposal = await inner.propose(context, thinking);
        const isCoded = proposal?.recipe.steps.some((s) => s.op === 'python_map');
        const { recipe, training } = context.parent;
        if (!isCoded || proposal === null || recipe === null || training === null) return proposal;
        const added = proposal.recipe.steps.at(-1);
        if (added === undefined) return proposal;
        return {
          ...proposal,
          recipe: { ...recipe, steps: [...recipe.steps, added] },
          trials: [{ training, changes: [] }],
        };
      },
    };
    const { id, approval, node } = await toCard();
    await decide(approval);
    await world.until('its end', async () => (await stateOf(id, node)) !== 'planned');
    expect((await nodeOf(id, node))?.failure?.code).toBe('same_rows');
  });

  test('does not speak against the approved code that it stands beside', async () => {
    await makeWorld({}, [code, other]);
    const run = sandbox.run;
    sandbox.run = async (job) => {
      if (job.code === other) throw new TrexError('python_failed', 'data', 'Its code failed on row 1: x.');
      return run(job);
    };
    const { propose } = researcher;
    // New code beside the code that is there.
    researcher.propose = async (context, thinking) => {
      const proposal = await propose(context, thinking);
      const steps = proposal?.recipe.steps ?? [];
      const kept = { op: 'python_map' as const, purpose: 'kept', code };
      if (proposal === null || !steps.some((s) => s.op === 'python_map' && s.code === other)) return proposal;
      return { ...proposal, recipe: { ...proposal.recipe, steps: [kept, ...steps] } };
    };
    const { id, approval } = await toCard(request.replace('8 minutes', '60 minutes'));
    await decide(approval);
    await world.until('a second card', () => cards().length === 2);
    await decide(cards()[1]?.approval.id as string);
    const second = cards()[1]?.node.number as number;
    await world.until('its end', async () => (await stateOf(id, second)) === 'failed');
    const before = researcher.shown.length;
    await world.until('another plan', () => researcher.shown.length > before);
    expect(researcher.shown.at(-1)?.sandbox?.refused).toEqual(new Set([codeHash(other)]));
    expect(researcher.shown.at(-1)?.sandbox?.approved).toContain(codeHash(code));
  });

  test('leaves no rows: the step is named', async () => {
    await makeWorld(
      {},
      [code],
      fakeSandbox(() => []),
    );
    const { id, approval, node } = await toCard();
    await decide(approval);
    await world.until('its end', async () => (await stateOf(id, node)) !== 'planned');
    expect((await nodeOf(id, node))?.failure?.message).toMatch(
      /^Nothing is left to train on: the step "run code: drop rows that teach nothing" removed all/,
    );
  });

  test('a sandbox that no longer holds runs nothing, says why, and its code is not blamed', async () => {
    const { id, approval, node } = await toCard();
    await decide(approval);
    sandbox.closed = 'The sandbox does not hold on this machine: code in it could reach a network.';
    await world.until('its end', async () => (await stateOf(id, node)) !== 'planned');
    expect((await nodeOf(id, node))?.failure).toMatchObject({ code: 'sandbox_closed', fault: 'config' });
    expect(sandbox.ran).toEqual([]);
    await deliver();
    expect(contentText(world.chat.ofKind('failure')[0] as Content)).toContain('could reach a network');
    sandbox.closed = null;
    await world.until('another plan', () => researcher.shown.at(-1)?.sandbox != null);
    expect(researcher.shown.at(-1)?.sandbox?.refused.size).toBe(0);
  });
});

describe('without a sandbox that holds', () => {
  test.each(['off', 'closed'])('no code is proposed, and the campaign goes its way (%s)', async (how) => {
    if (how === 'off') world.ctx.sandbox = null;
    else sandbox.closed = 'The sandbox does not hold.';
    const id = await world.begin(request);
    await world.finish(id);
    expect(cards()).toEqual([]);
    expect(researcher.shown.length).toBeGreaterThan(2);
    expect(researcher.shown.every((context) => context.sandbox === null)).toBe(true);
  });
});

test('a bot that was updated keeps deciding old cards about money', async () => {
  await makeWorld({}, []);
  const id = await world.begin(request.replace('no need to ask', 'ask me above 1 second a branch'));
  await world.until('a card', () => moneyCards().length > 0);
  const [row] = await listApprovals(database.db, id);
  expect(row?.kind).toBe('money');
  expect(row?.card).not.toHaveProperty('code');
  const bot = createBot(world.ctx);
  expect(
    (await bot.decide({ approvalId: row?.id as string, decision: 'approve', user: 'U1' })).private,
  ).toBeNull();
});
