import { afterAll, expect, test } from 'vitest';
import { killBots } from '../support/bot/start-bot.ts';
import { givenPostgres, serverVariable } from '../support/postgres.ts';
import { expectUnharmed, playWithKills } from './kill-again.ts';

afterAll(killBots);

/** KILLS=100 for a longer run. */
const kills = Number(process.env.KILLS ?? 50);

test.skipIf(process.env[serverVariable] === undefined)(
  `on PostgreSQL, ${kills} kills at random moments change nothing`,
  { timeout: 900_000 },
  async () => {
    const server = givenPostgres();
    const [calm, killed] = await Promise.all([server.create(), server.create()]);
    const ran = await playWithKills({ kills, seed: 2, databases: { calm, killed } });
    expectUnharmed(ran, kills);
    expect(ran.killed.outcome.health).toMatchObject({ outboxParked: 0, inboxDead: 0 });
    await Promise.all([server.drop(calm), server.drop(killed)]);
  },
);
