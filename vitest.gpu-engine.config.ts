import { defineConfig } from 'vitest/config';
import { isPrepared } from './test/support/gpu-engine/python.ts';

const withoutLlamaFactory = isPrepared('llamafactory') ? [] : ['test/gpu-engine/llamafactory.test.ts'];

/**
 * The real trainers of the GPU engine, on the processor with a tiny model. Their Python is made before, by the npm
 * script.
 */
export default defineConfig({
  test: {
    include: ['test/gpu-engine/**/*.test.ts'],
    exclude: withoutLlamaFactory,
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
