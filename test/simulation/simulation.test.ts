import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSimulationDatabase, type SimulationDatabase } from './database.ts';
import { type Outcome, simulate } from './simulate.ts';

let database: SimulationDatabase;

beforeAll(async () => {
  database = await openSimulationDatabase();
});
afterAll(() => database.close());

/** What a person needs to find out what went wrong. */
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

  for (let from = 100; from < 130; from += 10) {
    test(`survives what seeds ${from} to ${from + 9} do to it`, async () => {
      let faults = 0;
      for (let seed = from; seed < from + 10; seed++) {
        const outcome = await simulate(database, seed);
        expect(story(outcome)).toBe('');
        faults += outcome.faults;
      }
      expect(faults).toBeGreaterThan(50);
    }, 180_000);
  }
});
