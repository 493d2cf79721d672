import { beforeEach, describe, expect, test } from 'vitest';
import type { Proposal } from '../../src/campaign/proposal.ts';
import { pauseCampaign } from '../../src/operations/control/control-campaign.ts';
import { createRulesResearcher } from '../../src/researcher/rules/rules-researcher.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listNodes } from '../../src/store/nodes.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

/** A thought of a model costs money: it is asked when something could be done with the answer, and no answer is lost. */

const database = useDatabase();
const world = useWorld(database);
/** Plans that a model was asked for, and what came back. */
let asked: (Proposal | null)[];
let whileThinking: (() => Promise<void>) | null;

beforeEach(async () => {
  asked = [];
  whileThinking = null;
  const rules = createRulesResearcher();
  world.ctx.researcher = {
    ...rules,
    name: 'openai',
    propose: async (context, thinking) => {
      const proposal = await rules.propose(context, null);
      if (thinking === null) return proposal;
      asked.push(proposal);
      await whileThinking?.();
      return proposal;
    },
  };
});

const passes = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await world.step();
};
const nodesOf = (id: string) => listNodes(database.db, id);
const waiting = async (id: string) => (await nodesOf(id)).filter((n) => n.state === 'awaiting_approval');
const say = async (id: string, text: string): Promise<void> => {
  const { threadTs } = await getCampaign(database.db, id);
  await world.say(text, { threadTs });
};

/** Two cards are open, nothing runs, and everything that could be thought of meanwhile has been. */
async function toTwoCards(): Promise<string> {
  const id = await world.begin('teach upper, budget 30 minutes, ask me above 2 seconds a branch');
  await world.until(
    'nothing but people to wait for',
    async () =>
      (await waiting(id)).length === 2 &&
      world.chat.ofKind('text').some((c) => c.text.includes('still wait')),
  );
  return id;
}

describe('while two cards are open and nothing else is to do', () => {
  test('no model is asked, however many passes go by', async () => {
    const id = await toTwoCards();
    const before = asked.length;
    expect(before).toBeLessThan(10);
    await passes(100);
    expect(asked).toHaveLength(before);
    expect(await waiting(id)).toHaveLength(2);
  });

  test('what was thought of meanwhile is kept, and is the next card without another thought', async () => {
    const id = await toTwoCards();
    const kept = (await nodesOf(id)).flatMap((n) => (n.kept?.proposal ? [n.kept.proposal as Proposal] : []));
    expect(kept.length).toBeGreaterThan(0);
    const before = asked.length;
    const [first] = world.chat.ofKind('approval');
    await world.bot.decide({ approvalId: first?.approval.id ?? '', decision: 'reject', user: 'U1' });
    await world.until('another card', async () => (await waiting(id)).length === 2, 5);
    const newest = (await nodesOf(id)).at(-1);
    expect(kept.map(({ hypothesis }) => hypothesis)).toContain(newest?.hypothesis);
    const used = asked.slice(0, before).some((one) => one?.hypothesis === newest?.hypothesis);
    expect(used).toBe(true);
  });

  test('a new wish makes what was thought under the old ones void', async () => {
    const id = await toTwoCards();
    const before = asked.length;
    await say(id, 'drop LoRA');
    await passes(20);
    expect(asked.length).toBeGreaterThan(before);
    const settled = asked.length;
    await passes(50);
    expect(asked).toHaveLength(settled);
  });
});

describe('a plan that comes back to a campaign that was paused meanwhile', () => {
  test('is what the campaign goes on with', async () => {
    const id = await world.begin('teach upper, exact match, budget 10 minutes, no need to ask, full only');
    whileThinking = async () => {
      whileThinking = null;
      await pauseCampaign({ ctx: world.ctx, input: { campaignId: id, user: 'U1' } });
    };
    await world.until('the pause', async () => (await getCampaign(database.db, id)).paused);
    await passes(20);
    expect(asked).toHaveLength(1);
    const [thought] = asked;
    whileThinking = async () => {
      // The next thought comes only once the first is in the tree.
      expect((await nodesOf(id)).map((n) => n.hypothesis)).toContain(thought?.hypothesis);
    };
    await say(id, 'resume');
    await passes(3);
    expect((await nodesOf(id)).map((n) => n.hypothesis)).toContain(thought?.hypothesis);
  });
});

describe('a model that has no plan', () => {
  test('is asked again when the tree has changed, and not before', async () => {
    const { propose } = world.ctx.researcher;
    let plans = 1;
    world.ctx.researcher.propose = async (context, thinking) => {
      const proposal = await propose(context, thinking);
      return thinking === null || plans-- > 0 ? proposal : null;
    };
    const id = await world.begin('teach upper, budget 30 minutes, ask me above 2 seconds a branch');
    await world.until('a card', async () => (await waiting(id)).length === 1);
    await passes(10);
    const before = asked.length;
    await passes(50);
    expect(asked).toHaveLength(before);
    const [card] = world.chat.ofKind('approval');
    await world.bot.decide({ approvalId: card?.approval.id ?? '', decision: 'approve', user: 'U1' });
    await world.until('a score', async () =>
      (await nodesOf(id)).some((n) => n.number === 1 && n.score !== null),
    );
    await passes(2);
    expect(asked.length).toBeGreaterThan(before);
  });
});

describe('a plan that the money left does not hold', () => {
  test('is not thought again while what runs may give money back', async () => {
    const id = await world.begin('teach upper, exact match, budget 2 minutes, no need to ask, full only');
    const perShape = new Map<string, number>();
    for (let i = 0; i < 150 && (await getCampaign(database.db, id)).state === 'searching'; i++) {
      const before = asked.length;
      await world.step(250);
      const nodes = await nodesOf(id);
      const shape = JSON.stringify(nodes.map((n) => [n.number, n.state]));
      perShape.set(shape, (perShape.get(shape) ?? 0) + asked.length - before);
    }
    expect(asked.length).toBeGreaterThan(1);
    // Each state of the tree is thought about once below each of its nodes, at most.
    for (const [shape, count] of perShape)
      expect(count).toBeLessThanOrEqual(JSON.parse(shape).length * 2 + 2);
  });
});
