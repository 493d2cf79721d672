import { defineConfig } from 'vitest/config';

/** These put modules or the environment of their process in place of others, or start processes. */
const apart = [
  'src/cluster/local/run-job.test.ts',
  'src/sandbox/create-sandbox.test.ts',
  'test/contracts/**/*.test.ts',
  'test/kubernetes/**/*.test.ts',
  'test/scenarios/**/*.test.ts',
  'test/simulation/**/*.test.ts',
];

/** Suites that need a browser, PostgreSQL or Slurm have their own config. */
const elsewhere = [
  'test/browser/**',
  'test/postgres/**',
  'test/sandbox/**',
  'test/slurm/**',
  'test/gpu-engine/**',
  'test/kills/**',
  'node_modules/**',
];

/** Everything that needs no server. Loading the modules anew for each file would cost a fifth of the whole. */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 60_000,
    setupFiles: ['test/support/property-seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          isolate: false,
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...elsewhere, ...apart],
        },
      },
      { extends: true, test: { name: 'apart', include: apart } },
    ],
  },
});
