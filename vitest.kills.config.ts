import { defineConfig } from 'vitest/config';

/** Real processes with real training that are killed and started again. On both databases where PostgreSQL is there. */
export default defineConfig({
  test: {
    include: ['test/kills/**/*.test.ts'],
    globalSetup: ['test/support/postgres-setup.ts'],
    pool: 'forks',
    // Each file keeps two processors busy by itself.
    fileParallelism: false,
    testTimeout: 110_000,
    hookTimeout: 60_000,
  },
});
