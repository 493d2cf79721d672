import { describe, expect, test } from 'vitest';
import { loadView } from '../../src/operations/view/load-view.ts';
import { listApprovals } from '../../src/store/approvals.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database);

/** A campaign in which every trained round asks, brought to its first card. */
async function toFirstCard(): Promise<{ id: string; approval: string }> {
  const id = await world.begin('teach upper, budget 10 minutes, ask me above 2 seconds a branch');
  await world.until('an approval card', () => world.chat.last('approval') !== undefined);
  const [first] = await listApprovals(database.db, id);
  return { id, approval: first?.id as string };
}

const ranNode = (number: number): boolean =>
  [...world.cluster.runs.keys()].some((key) => key.includes(`-n${number}-`));
const viewOf = (id: string) => loadView({ ctx: world.ctx, campaignId: id });

describe('an approval', () => {
  test('is asked for before anything is spent, and says what, why, how much and what is left', async () => {
    const { id } = await toFirstCard();
    const card = world.chat.ofKind('approval')[0];
    expect(card?.approval.expected.computeSeconds).toBeGreaterThan(2);
    expect(card?.approval.ceiling.computeSeconds).toBeGreaterThan(
      card?.approval.expected.computeSeconds as number,
    );
    expect(card?.approval.why.length).toBeGreaterThan(10);
    expect(card?.approval.budgetLeft.computeSeconds).toBeGreaterThan(0);
    expect(ranNode(card?.node.number as number)).toBe(false);
    expect((await viewOf(id)).budget.reserved.computeSeconds).toBe(0);
  });

  test('launches exactly the specs that were shown, up to the ceiling', async () => {
    const { id, approval } = await toFirstCard();
    const [before] = await listApprovals(database.db, id);
    await world.bot.decide({ approvalId: approval, decision: 'approve', user: 'U1' });
    const view = await viewOf(id);
    const node = view.nodes.find((n) => n.approval?.id === approval);
    expect(node?.state).toBe('running');
    expect(node?.trials.map((t) => t.specHash).sort()).toEqual([...(before?.specHashes ?? [])].sort());
    expect(view.budget.reserved.computeSeconds).toBeLessThanOrEqual(
      (before?.ceilingSeconds as number) + 1e-6,
    );
    await world.step();
    expect(ranNode(node?.number as number)).toBe(true);
  });

  test('rejected, nothing of it ever runs, and the card loses its buttons', async () => {
    const { id, approval } = await toFirstCard();
    await world.bot.decide({ approvalId: approval, decision: 'reject', user: 'U1' });
    for (let i = 0; i < 5; i++) await world.step();
    const node = (await viewOf(id)).nodes.find((n) => n.approval?.id === approval);
    expect(node?.state).toBe('withdrawn');
    expect(ranNode(node?.number as number)).toBe(false);
    const card = world.chat.messages.find(
      (m) => m.content.kind === 'approval' && m.content.approval.id === approval,
    );
    expect(card?.content.kind === 'approval' ? card.content.approval.state : null).toBe('rejected');
    expect(card?.edits).toBeGreaterThan(0);
  });

  test('the cheaper one replaces the plan and costs less', async () => {
    const { id, approval } = await toFirstCard();
    const [before] = await listApprovals(database.db, id);
    expect(before?.cheaper).not.toBeNull();
    await world.bot.decide({ approvalId: approval, decision: 'cheaper', user: 'U1' });
    const node = (await viewOf(id)).nodes.find((n) => n.approval?.id === approval);
    expect(node?.state).toBe('running');
    expect(node?.trials.every((t) => !before?.specHashes.includes(t.specHash))).toBe(true);
    const reserved = (await viewOf(id)).budget.reserved.computeSeconds;
    expect(reserved).toBeLessThan(before?.ceilingSeconds as number);
  });

  test('the search goes on elsewhere while one waits', async () => {
    const id = await world.begin('teach upper, budget 20 minutes, ask me above 14 seconds a branch');
    await world.until('a card', () => world.chat.last('approval') !== undefined);
    const waiting = world.chat.ofKind('approval')[0]?.node.number as number;
    const before = (await viewOf(id)).nodes.filter((n) => n.state === 'scored').length;
    await world.until(
      'more scored rounds',
      async () => (await viewOf(id)).nodes.filter((n) => n.state === 'scored').length > before,
    );
    expect((await viewOf(id)).nodes.find((n) => n.number === waiting)?.state).toBe('awaiting_approval');
  });

  test('when the money no longer suffices the question stays open and nothing is held', async () => {
    const { id, approval } = await toFirstCard();
    const campaign = await getCampaign(database.db, id);
    const { updateCampaign } = await import('../../src/store/campaigns.ts');
    const brief = campaign.brief as NonNullable<typeof campaign.brief>;
    await updateCampaign(database.db, id, { brief: { ...brief, budget: { computeSeconds: 5, usd: null } } });
    const reply = await world.bot.decide({ approvalId: approval, decision: 'approve', user: 'U1' });
    expect(reply.private).toContain('budget');
    expect((await listApprovals(database.db, id))[0]?.state).toBe('pending');
    expect((await viewOf(id)).budget.reserved.computeSeconds).toBe(0);
  });
});
