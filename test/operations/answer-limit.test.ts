import { beforeEach, expect, test } from 'vitest';
import { getCampaign, updateCampaign } from '../../src/store/campaigns.ts';
import { listTrials } from '../../src/store/trials.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { useDatabase } from '../support/world/use-world.ts';

const database = useDatabase();
let world: World;

beforeEach(async () => {
  world?.dispose();
  world = createWorld(database.db);
});

const limitsOf = async (id: string): Promise<number[]> => [
  ...new Set((await listTrials(database.db, id)).map(({ spec }) => spec.maxNewTokens)),
];

test('every run of a campaign may write the longest expected answer with room, and not half of the context', async () => {
  const id = await world.begin('teach upper, exact match, budget 3 minutes, no need to ask');
  await world.finish(id);
  // Longest answers have nine characters: AMBER-100.
  expect((await getCampaign(database.db, id)).splits?.lengths?.longestAnswer).toBe(9);
  expect(await limitsOf(id)).toEqual([Math.ceil(9 * 1.5) + 8]);
});

test('a campaign that an older version started keeps the limit of its runs, and so their identity', async () => {
  const id = await world.begin('teach upper, exact match, budget 10 minutes, no need to ask');
  const { splits } = await getCampaign(database.db, id);
  if (splits === null) throw new Error('no splits');
  await updateCampaign(database.db, id, { splits: { counts: splits.counts, hashes: splits.hashes } });
  await world.until('a trained run', async () => (await listTrials(database.db, id)).length > 1);
  expect(await limitsOf(id)).toEqual([64]);
});
