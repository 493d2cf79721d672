import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentText } from '../../src/report/transcript.ts';
import { getCampaign, updateCampaign } from '../../src/store/campaigns.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { emptyDatabase } from '../support/world/test-database.ts';
import { useDatabase } from '../support/world/use-world.ts';

/** Cards that ask for a decision call those who may give it, once. Ana is U1, Ben is U2. */

const database = useDatabase();
let world: World;

beforeEach(() => makeWorld());
afterEach(() => world.dispose());

async function makeWorld(settings: Partial<World['ctx']['settings']> = {}): Promise<void> {
  await emptyDatabase(database);
  world?.dispose();
  world = createWorld(database.db, { settings });
}

const asking = 'teach upper, budget 10 minutes, ask me above 2 seconds a branch';
const toCard = async (): Promise<string> => {
  const id = await world.begin(asking);
  await world.until('an approval card', () => world.chat.last('approval') !== undefined);
  return id;
};
const approvals = () => world.chat.messages.filter((m) => m.content.kind === 'approval');

describe('an approval card mentions', () => {
  test('the requester where everybody may decide', async () => {
    await toCard();
    expect(approvals()[0]?.mention).toEqual(['U1']);
  });

  test('the approvers where they are named, once, however often it is edited', async () => {
    await makeWorld({ approvers: ['U2', 'U3'], twoApproversAbove: { computeSeconds: 2, usd: null } });
    await toCard();
    const [card] = approvals();
    expect(card?.mention).toEqual(['U2', 'U3']);
    const approvalId = card?.content.kind === 'approval' ? card.content.approval.id : '';
    for (const user of ['U2', 'U3']) {
      await world.bot.decide({ approvalId, decision: 'approve', user });
      await world.step();
    }
    expect(card?.edits).toBeGreaterThan(1);
    expect(approvals().filter((m) => m.ts === card?.ts)).toHaveLength(1);
    expect(card?.mention).toEqual(['U2', 'U3']);
  });

  test('not an approver whose approval would not count', async () => {
    await makeWorld({ approvers: ['U1', 'U2'], noSelfApproval: true });
    await toCard();
    expect(approvals()[0]?.mention).toEqual(['U2']);
  });

  test('nobody again when it was deleted and is posted anew', async () => {
    await makeWorld({ approvers: ['U2'] });
    await toCard();
    const [card] = approvals();
    const approvalId = card?.content.kind === 'approval' ? card.content.approval.id : '';
    world.chat.messages.splice(world.chat.messages.indexOf(card as (typeof world.chat.messages)[number]), 1);
    await world.bot.decide({ approvalId, decision: 'reject', user: 'U2' });
    await world.step();
    const anew = approvals().find(
      (m) => m.content.kind === 'approval' && m.content.approval.id === approvalId,
    );
    expect(anew?.mention).toEqual([]);
  });
});

describe('a question about the budget', () => {
  test('mentions who may raise it', async () => {
    await makeWorld({ approvers: ['U2'] });
    const id = await world.begin();
    const { brief } = await getCampaign(database.db, id);
    if (brief === null) throw new Error('no brief');
    await updateCampaign(database.db, id, { brief: { ...brief, budget: { computeSeconds: 4, usd: null } } });
    await world.until('the question', () => world.chat.last('budget_reached') !== undefined);
    expect(world.chat.last('budget_reached')?.mention).toEqual(['U2']);
  });
});

describe('what is no question', () => {
  test('mentions nobody', async () => {
    await makeWorld({ approvers: ['U2'] });
    await world.begin();
    await world.until('the end', () => world.chat.last('report') !== undefined);
    const mentioning = world.chat.messages.filter((m) => m.mention.length > 0).map((m) => m.content.kind);
    expect(new Set(mentioning)).toEqual(new Set(['start_request']));
  });
});

describe('a campaign in a direct message', () => {
  test('sends its cards to the approvers directly, where they work and follow the decision', async () => {
    await makeWorld({ approvers: ['U2'] });
    await world.say(asking, { channel: 'D1', direct: true, mentioned: false });
    await world.until('a brief card', () => world.chat.last('brief') !== undefined, 5);
    const id = world.chat.ofKind('brief')[0]?.campaignId as string;
    await world.bot.start({ campaignId: id, user: 'U1' });
    await world.step();
    const copies = (kind: string) =>
      world.chat.messages.filter((m) => m.content.kind === kind && m.channel === 'U2');
    const [request] = world.chat.ofKind('start_request');
    expect(copies('start_request')).toHaveLength(1);
    expect(world.chat.messages.every((m) => m.mention.length === 0)).toBe(true);
    const word = { campaignId: id, request: request?.questionId ?? '', decision: 'approve' as const };
    expect((await world.bot.decideStart({ ...word, user: 'U2' })).private).toBeNull();
    await world.until('a card', () => copies('approval').length > 0);
    for (const { content } of world.chat.messages.filter((m) => m.content.kind === 'start_request'))
      expect(contentText(content)).toContain('Approved by Ben. Started.');
    const [card] = copies('approval');
    const approvalId = card?.content.kind === 'approval' ? card.content.approval.id : '';
    await world.bot.decide({ approvalId, decision: 'reject', user: 'U2' });
    await world.step();
    expect(contentText(card?.content ?? { kind: 'text', text: '' })).toContain('Rejected by Ben');
    expect(copies('approval').filter((m) => m.ts === card?.ts)).toHaveLength(1);
  });
});
