import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCampaign } from '../../src/store/campaigns.ts';
import { dumpSchema, schemasFolder } from './schema-fixture.ts';
import { createWorld } from './world/create-world.ts';
import { openTestDatabase } from './world/test-database.ts';

/**
 * Writes the fixture of a release: its schema with one finished campaign and one that is under way, with a run, an
 * open approval and an unsent message. Run once for each release, before its first migration after it.
 */
const version = process.argv[2];
if (version === undefined) throw new Error('usage: write-schema-fixture <version>');
const database = await openTestDatabase();
const world = createWorld(database.db, { slots: 1 });
const stateOf = async (id: string): Promise<string> => (await getCampaign(database.db, id)).state;

const finished = await world.begin(
  'teach upper, exact match, budget 5 minutes, no need to ask, at most 4 rounds',
);
await world.until('the end', async () => (await stateOf(finished)) === 'finished');
await world.until('the report', () => world.chat.last('report') !== undefined);
await world.say('teach upper, exact match, budget 10 minutes, ask me every time, one at a time');
const isOther = (id: string): boolean => id !== finished;
await world.until('a second brief', () => world.chat.ofKind('brief').some((c) => isOther(c.campaignId)));
const running = world.chat.ofKind('brief').find((c) => isOther(c.campaignId))?.campaignId as string;
await world.bot.start({ campaignId: running, user: 'U1' });
await world.until('two cards', () => world.chat.ofKind('approval').length >= 2);
const first = world.chat.ofKind('approval')[0]?.approval.id as string;
await world.bot.decide({ approvalId: first, decision: 'approve', user: 'U1' });
await world.until('a run', () =>
  [...world.cluster.runs.keys()].some((key) => key.includes(`${running}-n1-`)),
);
world.dispose();

const path = join(schemasFolder, `${version}.sql`);
const dump = await dumpSchema(database.db);
writeFileSync(path, dump);
await database.close();
console.log(`${path}: ${Math.round(dump.length / 1024)} KiB; ${finished} finished, ${running} under way`);
