import { defineConfig } from 'vitest/config';
import { missingForSandbox } from './test/support/sandbox/find-sandbox.ts';

const missing = missingForSandbox();
if (missing !== null) console.log(missing);

/** Attempts to break out of the real sandbox, and a campaign that runs code in it. */
export default defineConfig({
  test: {
    include: missing === null ? ['test/sandbox/**/*.test.ts'] : [],
    passWithNoTests: true,
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
