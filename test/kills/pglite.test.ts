import { afterAll, expect, test } from 'vitest';
import { killBots } from '../support/bot/start-bot.ts';
import { expectUnharmed, playWithKills } from './kill-again.ts';

afterAll(killBots);

/** KILLS=100 for a longer run. */
const kills = Number(process.env.KILLS ?? 50);

test(`on the embedded database, ${kills} kills at random moments change nothing`, {
  timeout: 900_000,
}, async () => {
  const ran = await playWithKills({ kills, seed: 1, databases: { calm: undefined, killed: undefined } });
  expectUnharmed(ran, kills);
  expect(ran.killed.outcome.health).toMatchObject({ outboxParked: 0, inboxDead: 0 });
});
