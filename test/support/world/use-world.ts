import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Database } from '../../../src/store/db.ts';
import { lateBound } from '../late-bound.ts';
import { createWorld, type World } from './create-world.ts';
import { emptyDatabase, openTestDatabase } from './test-database.ts';

/** The database of a test file: opened once, emptied before each test unless `isKept`, closed at the end. */
export function useDatabase({ isKept = false } = {}): Database {
  let database: Database | undefined;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  beforeEach(async () => {
    if (database !== undefined && !isKept) await emptyDatabase(database);
  });
  afterAll(() => database?.close());
  return lateBound(() => database);
}

/** Creates a new world for each test of a file. */
export function useWorld(database: Database, options: Parameters<typeof createWorld>[1] = {}): World {
  let world: World | undefined;
  beforeEach(() => {
    world = createWorld(database.db, options);
  });
  afterEach(() => world?.dispose());
  return lateBound(() => world);
}
