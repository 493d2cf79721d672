import { defineConfig } from 'vitest/config';
import { findPostgres } from './test/support/postgres.ts';

/**
 * On a real PostgreSQL server that the run starts for itself: what two connections and two processes do to each
 * other, and the tests of the operations once more.
 */
export default defineConfig({
  test: {
    include: findPostgres() === null ? [] : ['test/postgres/**/*.test.ts', 'test/operations/**/*.test.ts'],
    passWithNoTests: true,
    globalSetup: ['test/support/postgres-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
