import { defineConfig } from 'vitest/config';
import { preparePython } from './test/support/gpu-engine/python.ts';

const missing = preparePython();
if (missing !== null) console.log(missing);

/** The real trainer of the GPU engine, on the processor with a tiny model. */
export default defineConfig({
  test: {
    include: missing === null ? ['test/gpu-engine/**/*.test.ts'] : [],
    passWithNoTests: true,
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
