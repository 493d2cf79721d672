import { createApp } from '../../../src/app.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { openDatabase } from '../open-database.ts';
import { createRecordingChat } from '../recording-chat.ts';
import { createFakeCatalog } from '../world/fake-catalog.ts';
import { createFakeTraining } from '../world/fake-training.ts';

/** Starts the bot on a database and ends when every loop has made its first pass, to measure how long that takes. */
const { TEST_DATABASE = '' } = process.env;
const { config, secrets } = parseConfig(process.env);
const database = await openDatabase(TEST_DATABASE);
const app = await createApp(config, secrets, {
  database,
  chat: createRecordingChat(),
  catalog: createFakeCatalog(),
  ...createFakeTraining(systemClock, { slots: 1 }),
});
for (const name of ['jobs', 'campaigns'])
  await app.scheduler.loops.find((loop) => loop.name === name)?.runOnce();
const resident = Math.round(process.memoryUsage().rss / 2 ** 20);
console.log(JSON.stringify({ resident }));
await app.stop();
await database.close();
process.exit();
