import { describe, expect, test } from 'vitest';
import type { CampaignView } from '../../src/campaign/view.ts';
import type { IncomingMessage } from '../../src/operations/bot.ts';
import { listSources, loadItems, loadSource, sampleRows } from '../../src/operations/data/load-rows.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listEvents } from '../../src/store/events.ts';
import { listNodes } from '../../src/store/nodes.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database, { slots: 4 });

const viewOf = (id: string): Promise<CampaignView> => loadView({ ctx: world.ctx, campaignId: id });
const stateOf = async (id: string): Promise<string> => (await getCampaign(database.db, id)).state;
const steeringOf = async (id: string) => (await getCampaign(database.db, id)).steering;

/** Says something in the campaign's thread and gives the answer. */
async function ask(id: string, text: string, over: Partial<IncomingMessage> = {}): Promise<string> {
  const { threadTs } = await getCampaign(database.db, id);
  await world.say(text, { threadTs, user: 'U2', ...over });
  // What was said before it may go out first.
  for (let i = 0; i < 5; i++) await world.step(0);
  const last = world.chat.messages.filter(({ key }) => key.includes(':reply:')).at(-1)?.content;
  return last?.kind === 'text' ? last.text : '';
}

const scoredNodes = (view: CampaignView): number =>
  view.nodes.filter((n) => n.state === 'scored' && n.number > 0).length;
const manyRounds = 'teach upper, exact match, budget 40 minutes, no need to ask, full only, 4 at a time';

/** Whether a node lies below another, or is it. */
function isBelow(view: CampaignView, number: number, ancestor: number): boolean {
  for (let at: number | null = number; at !== null; at = view.nodes[at]?.parent ?? null) {
    if (at === ancestor) return true;
  }
  return false;
}

describe('steering', () => {
  test('a pinned round is grown from first', async () => {
    const id = await world.begin(manyRounds.replace('4 at a time', 'one at a time'));
    await world.until('three scored rounds', async () => scoredNodes(await viewOf(id)) >= 3);
    const worst = (await viewOf(id)).nodes
      .filter((n) => n.state === 'scored' && n.number > 0)
      .sort((a, b) => (a.score?.value ?? 0) - (b.score?.value ?? 0))[0]?.number as number;
    expect(await ask(id, `pin ${worst}`)).toBe(
      `Understood: I grow from #${worst} first, as long as there is room below. From the next node on.`,
    );
    const { length } = (await viewOf(id)).nodes;
    await world.until('two more rounds', async () => (await viewOf(id)).nodes.length >= length + 2);
    const added = (await viewOf(id)).nodes.slice(length, length + 2);
    expect(added.map((n) => n.parent)).toEqual([worst, worst]);
  });

  test('nothing new grows below a banned round, and its score still counts', async () => {
    const id = await world.begin(manyRounds);
    await world.until('three scored rounds', async () => scoredNodes(await viewOf(id)) >= 3);
    const best = (await viewOf(id)).best as number;
    expect(await ask(id, `ban ${best}`)).toContain(`nothing new grows from #${best}`);
    const { length } = (await viewOf(id)).nodes;
    await world.until(
      'three more rounds, or the end of the search',
      async () => (await viewOf(id)).nodes.length >= length + 3 || (await stateOf(id)) !== 'searching',
    );
    const after = await viewOf(id);
    expect(after.nodes.length).toBeGreaterThan(length);
    expect(after.nodes.slice(length).filter((n) => isBelow(after, n.number, best))).toEqual([]);
    expect(after.nodes[best]?.state).toBe('scored');
  });

  test('is said back, audited with what stood before, and counts once', async () => {
    const id = await world.begin();
    await world.until('a scored baseline', async () => (await viewOf(id)).nodes[0]?.state === 'scored');
    const ts = '1772438400.900500';
    const answer = await ask(id, 'more synthetic data', { ts });
    expect(answer).toBe('Understood: synthetic data nodes count 2 times as much. From the next node on.');
    await ask(id, 'less synthetic data');
    await ask(id, 'more synthetic data', { ts });
    expect((await steeringOf(id)).weights).toEqual({ construct_synthetic_data: 0.5 });
    const events = (await listEvents(database.db, id)).filter(({ name }) => name === 'campaign.steered');
    expect(events.map(({ actor }) => actor)).toEqual(['U2', 'U2']);
    expect(events[1]?.data).toMatchObject({
      before: { weights: { construct_synthetic_data: 2 } },
      after: { weights: { construct_synthetic_data: 0.5 } },
    });
    expect(await ask(id, 'steering')).toBe(
      'Standing wishes: synthetic data nodes count 0.5 of what is usual.',
    );
  });

  test('takes a source of rows by name, and says what there is', async () => {
    const id = await world.begin();
    expect(await ask(id, 'try the noisy pool next')).toContain('I prefer nodes that bring in upper/noisy');
    expect((await steeringOf(id)).sources).toEqual(['upper/noisy']);
    const unknown = await ask(id, 'try lab/dates next', { mentioned: true });
    expect(unknown).toContain('`upper/clean`, `upper/noisy`');
    expect(unknown).toContain('attach them as JSONL or CSV');
    expect((await steeringOf(id)).sources).toEqual(['upper/noisy']);
  });

  test('hears nothing when people tell each other to use some other file', async () => {
    const id = await world.begin();
    const before = world.chat.messages.length;
    expect(await ask(id, 'use the budget file', { mentioned: false })).toBe('');
    expect(await ask(id, 'try this dataset next', { mentioned: false })).toBe('');
    expect(world.chat.messages.filter(({ key }) => key.includes(':reply:'))).toEqual([]);
    expect(before).toBeGreaterThan(0);
  });

  test('takes in a file that is attached while it runs: rounds use it, and nothing of the evaluation data gets in', async () => {
    const id = await world.begin(manyRounds);
    await world.until('a scored round', async () => scoredNodes(await viewOf(id)) >= 1);
    const campaign = await getCampaign(database.db, id);
    const [leaked] = await loadItems(world.ctx, campaign, 'test');
    const rows = [
      ...Array.from({ length: 80 }, (_, i) => ({
        prompt: `more upper: pebble ${i}`,
        completion: `PEBBLE-${i}`,
      })),
      { prompt: leaked?.prompt, completion: leaked?.completion },
    ];
    const bytes = Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
    const file = { id: 'F1', name: 'more.jsonl', bytes: bytes.length, download: async () => bytes };
    const answer = await ask(id, 'try this dataset next', { files: [file] });
    expect(answer).toContain('more.jsonl is one more source, 81 rows');
    const now = await getCampaign(database.db, id);
    const sources = await listSources(world.ctx, now);
    const source = sources.at(-1);
    expect(source).toMatchObject({ title: 'more.jsonl', rows: 81 });
    const sourceId = source?.id as string;
    const sample = await sampleRows(sources, (id) => loadSource(world.ctx, now, id), 10_000);
    expect(sample.filter((row) => row.source === sourceId)).toHaveLength(80);
    expect(sample.map(({ prompt }) => prompt)).not.toContain(leaked?.prompt);
    const uses = async (): Promise<boolean> =>
      (await listNodes(database.db, id)).some((n) =>
        n.recipe?.inputs.some((input) => input.source === sourceId),
      );
    await world.until('a round that uses it', uses);
    expect((await viewOf(id)).addedData).toEqual([
      { name: 'more.jsonl', sha256: expect.any(String), rows: 81, badRows: 0 },
    ]);
  });

  test('says why a file cannot be used', async () => {
    const id = await world.begin();
    const file = {
      id: 'F1',
      name: 'photo.png',
      bytes: 4,
      download: async () => Buffer.from([137, 80, 78, 71]),
    };
    expect(await ask(id, 'and this?', { files: [file], mentioned: true })).toContain('photo.png');
    expect((await steeringOf(id)).addedData).toBeUndefined();
  });

  test.each([
    ['pin 99', 'There is no #99 here'],
    ['ban 0', 'That would leave nothing to grow from'],
    ['drop full fine-tuning', 'That would leave no training method at all'],
    ['no more filters and no more synthetic data, no more hyperparameters', 'no kind of node at all'],
  ])('%s is refused, and changes nothing', async (text, why) => {
    const id = await world.begin();
    await world.until('a scored baseline', async () => (await viewOf(id)).nodes[0]?.state === 'scored');
    const before = await steeringOf(id);
    const answer = await ask(id, text);
    expect(answer).toContain(why);
    expect(answer).toContain('I have changed nothing.');
    expect(await steeringOf(id)).toEqual(before);
  });

  test('after the end is refused', async () => {
    const id = await world.begin();
    await world.order('stop', { threadTs: (await getCampaign(database.db, id)).threadTs });
    expect(await ask(id, 'pin 0')).toBe('This campaign is stopped; there is nothing to steer.');
  });

  test('never voids a question that is open: the round that it is about runs as approved', async () => {
    const id = await world.begin(
      'teach upper, exact match, budget 10 minutes, ask me every time, full and lora',
    );
    await world.until('a card', () => world.chat.last('approval') !== undefined);
    const card = world.chat.last('approval')?.content;
    if (card?.kind !== 'approval') throw new Error('no card');
    const { number, parent } = card.node;
    const hashes = card.node.trials.map((t) => t.specHash);
    const method = card.node.trials[0]?.summary.startsWith('lora') ? 'lora' : 'full';
    expect(await ask(id, `no more ${method}`)).toContain('What waits for a yes or no still waits.');
    await ask(id, 'no more data cleaning');
    expect(parent).toBe(0);
    await ask(id, 'less hyperparameter tuning');
    for (let i = 0; i < 5; i++) await world.step();
    const still = (await viewOf(id)).nodes[number];
    expect(still?.approval?.state).toBe('pending');
    expect(still?.trials.map((t) => t.specHash)).toEqual(hashes);
    await world.bot.decide({ approvalId: card.approval.id, decision: 'approve', user: 'U1' });
    await world.until('its score', async () => (await viewOf(id)).nodes[number]?.state === 'scored');
  });
});

describe('questions about a running campaign', () => {
  test('what more compute would buy is told from its own gains, or not at all', async () => {
    const id = await world.begin(manyRounds);
    await world.until('a scored baseline', async () => (await viewOf(id)).nodes[0]?.state === 'scored');
    expect(await ask(id, 'what would 10 more GPU-hours buy?')).toContain('too early to say');
    await world.until('six scored rounds', async () => scoredNodes(await viewOf(id)) >= 6);
    const budget = (await viewOf(id)).budget.limit;
    const answer = await ask(id, 'what would 10 more minutes buy?');
    expect(answer).toMatch(/^10 min of compute would be about \d+ nodes? like the \d+ so far/);
    expect(answer).toMatch(/the best went from #\d+ \(0\.\d+\) to #\d+|nothing beat #\d+/);
    expect(await ask(id, 'what would $20 more buy?')).toContain('cannot turn dollars into nodes');
    expect(await ask(id, 'should I add 10 more minutes?')).toContain('10 min of compute');
    expect((await viewOf(id)).budget.limit).toEqual(budget);
  });

  test('why one beat another is told with both named', async () => {
    const id = await world.begin(manyRounds);
    await world.until('two scored rounds', async () => scoredNodes(await viewOf(id)) >= 2);
    expect(await ask(id, 'why did 1 beat 0?')).toMatch(
      /^#1 beats #0: \S+ \(\S+ to \S+\); p < 0\.001; on the same \d+ items it gets/,
    );
    expect(await ask(id, 'why did 2 beat 1?')).toMatch(
      /^#2 (?:beats|is worse than|cannot be told from) #1: /,
    );
    expect(await ask(id, 'why did 2 beat 99?')).toBe('There is no #99 here.');
  });

  test('what others found is said, or that nobody looked', async () => {
    const id = await world.begin();
    expect(await ask(id, 'what did you find?')).toContain('research is switched off');
  });

  test('dropping a round that waits for nobody says how to ban it', async () => {
    const id = await world.begin();
    await world.until('a scored round', async () => scoredNodes(await viewOf(id)) >= 1);
    expect(await ask(id, 'drop 1')).toBe(
      'Nothing waits for a yes or no. To grow nothing more from #1, write `ban 1`.',
    );
  });
});
