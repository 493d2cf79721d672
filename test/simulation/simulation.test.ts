import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSimulationDatabase, type SimulationDatabase } from './database.ts';
import { type Outcome, simulate } from './simulate.ts';

let database: SimulationDatabase;

beforeAll(async () => {
  database = await openSimulationDatabase();
});
afterAll(() => database.close());

/** The text of a failure: seed, problem and history. */
const story = ({ seed, problem, history }: Outcome): string =>
  problem === null
    ? ''
    : [...history.slice(-60), problem, `npm run simulate -- --seeds 1 --from ${seed}`].join('\n');

describe('the whole bot, simulated', () => {
  test('the same seed has the same history, line for line', async () => {
    for (const seed of [2, 5]) {
      const first = await simulate(database, seed);
      const again = await simulate(database, seed);
      expect(again.history).toEqual(first.history);
      expect(again.tree).toBe(first.tree);
      expect(first.history.length).toBeGreaterThan(50);
    }
  });

  // `npm run simulate -- --seeds 500` plays more.
  test('survives what seeds 100 to 109 do to it', async () => {
    let faults = 0;
    for (let seed = 100; seed < 110; seed++) {
      const outcome = await simulate(database, seed);
      expect(story(outcome)).toBe('');
      faults += outcome.faults;
    }
    expect(faults).toBeGreaterThan(50);
  });
});
