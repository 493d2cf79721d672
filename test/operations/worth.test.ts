import { beforeEach, describe, expect, test } from 'vitest';
import type { Worth } from '../../src/campaign/worth.ts';
import { contentText } from '../../src/report/transcript.ts';
import { listNodes } from '../../src/store/nodes.ts';
import { createClicks } from '../support/clicks.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { useDatabase } from '../support/world/use-world.ts';

const database = useDatabase();
let world: World;

beforeEach(async () => {
  world?.dispose();
  world = createWorld(database.db);
});

async function cardFor(budget: string) {
  await world.say(`teach upper, exact match, budget ${budget}, no need to ask, full only, one at a time`);
  await world.until('a brief card', () => world.chat.last('brief') !== undefined, 5);
  return shown();
}
function shown() {
  const content = world.chat.last('brief')?.content;
  if (content?.kind !== 'brief') throw new Error('no brief');
  return content;
}
async function trainedBy(id: string): Promise<number> {
  await world.bot.start({ campaignId: id, user: 'U1' });
  await world.finish(id);
  return (await listNodes(database.db, id)).filter((n) => n.parentId !== null && n.state === 'scored').length;
}

describe('what the card promises is what happens', () => {
  test.each(['2 min', '5 min'])('with %s', async (budget) => {
    const { campaignId, worth } = await cardFor(budget);
    const { low, high } = (worth as Worth).nodes;
    const trained = await trainedBy(campaignId);
    expect(trained).toBeGreaterThanOrEqual(low);
    expect(trained).toBeLessThanOrEqual(high);
    expect(world.chat.ofKind('budget_reached')).toEqual([]);
  });

  test('in dollars, where an hour has a price', async () => {
    world.dispose();
    world = createWorld(database.db, { settings: { usdPerHour: 36 } });
    const card = await cardFor('$5');
    expect(contentText(card)).toMatch(
      /This buys about 2 to 6 nodes, the first of 49 s \(\$0\.49\), with 3 min \(\$1\.82\) kept/,
    );
  });
});

describe('a budget that holds no whole run', () => {
  test('is told with the smaller run that it holds', async () => {
    const card = await cardFor('2 min');
    expect(contentText(card)).toMatch(
      /A run on 600 rows for 4 epochs takes about 49 s, more than this budget holds\. I would train on 600 rows for 1 epoch instead: about 2 to 3 nodes, .*\(my estimate, not measured yet\)\. 5 min would be enough for a whole one\./,
    );
  });

  test('is raised by the button to what is enough, and the new card says so', async () => {
    const card = await cardFor('20 s');
    expect(card.worth?.nodes.high).toBe(0);
    expect(contentText(card)).toMatch(
      /This budget trains nothing: the untrained model takes about .*\[Raise to 5 min\]/s,
    );
    const press = () =>
      createClicks(world.bot).press({ id: `budget:${card.campaignId}`, value: '5 min', user: 'U1' });
    expect((await press()).told).toEqual([]);
    await world.step();
    expect(shown().brief.budget).toEqual({ computeSeconds: 300, usd: null });
    expect(shown().worth?.nodes.high).toBeGreaterThan(0);
    expect(shown().worth?.raise).toBeNull();
    expect((await press()).told[0]).toContain('replaced by a newer one');
  });

  test('trains on fewer rows rather than nothing, as the card has said, and the thread is told', async () => {
    const card = await cardFor('60 seconds');
    const { nodes, node } = card.worth as Worth;
    expect(nodes).toEqual({ low: 1, high: 1 });
    expect(contentText(card)).toContain(
      `I would train on ${node.rows} rows for 1 epoch instead: about 1 node of`,
    );
    expect(await trainedBy(card.campaignId)).toBe(1);
    const [, trained] = await listNodes(database.db, card.campaignId);
    const rows = trained?.trace?.at(-1)?.after as number;
    expect(rows).toBeGreaterThan(0.8 * node.rows);
    expect(rows).toBeLessThan(600);
    expect(trained?.title).toMatch(/\(\d+ rows\)$/);
    const told = world.chat.ofKind('text').filter(({ text }) => text.startsWith('#1 trains on'));
    expect(told.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /^#1 trains on \d+ rows for 1 epoch \(about \d s\): the 59 s left do not hold a run on 600 rows for 4 epochs \(about 49 s; my estimate, not measured\) and the 2\.\d min that confirming it and opening the test rows take\. For a whole one: `raise the budget to 5 min`\.$/,
      ),
    ]);
    expect(world.chat.ofKind('budget_reached')).toEqual([]);
  });

  test('trains nothing where not even the fewest rows fit, and then asks for what does', async () => {
    const card = await cardFor('30 seconds');
    expect(card.worth?.nodes.high).toBe(0);
    await world.bot.start({ campaignId: card.campaignId, user: 'U1' });
    await world.until('the question', () => world.chat.ofKind('budget_reached').length > 0);
    expect(world.chat.ofKind('budget_reached')[0]?.text).toContain('left are not enough for a training run');
    expect(world.cluster.runs.size).toBe(1);
  });
});
