import { defineConfig } from 'vitest/config';

/** Everything that needs no server. Suites that need a browser, PostgreSQL or Slurm have their own config. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [
      'test/browser/**',
      'test/postgres/**',
      'test/sandbox/**',
      'test/slurm/**',
      'test/gpu-engine/**',
      'test/kills/**',
      'node_modules/**',
    ],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
