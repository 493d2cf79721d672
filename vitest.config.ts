import { defineConfig } from 'vitest/config';

/** Everything that needs no server. Suites that need a browser, PostgreSQL or Slurm have their own config. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // The simulation still finds open faults (npm run simulate shows them); it joins when none is left.
    exclude: [
      'test/simulation/**',
      'test/browser/**',
      'test/postgres/**',
      'test/kills/**',
      'node_modules/**',
    ],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
