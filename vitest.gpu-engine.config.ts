import { defineConfig } from 'vitest/config';

/** The real trainer of the GPU engine, on the processor with a tiny model. Its Python is made before, by the npm script. */
export default defineConfig({
  test: {
    include: ['test/gpu-engine/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
