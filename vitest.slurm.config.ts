import { defineConfig } from 'vitest/config';
import { missingForSlurm } from './test/support/slurm/find-slurm.ts';

const missing = missingForSlurm();
if (missing !== null) console.log(missing);

/** On a real Slurm cluster that the files start for themselves, on loopback. */
export default defineConfig({
  test: {
    include: missing === null ? ['test/slurm/**/*.test.ts'] : [],
    passWithNoTests: true,
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 110_000,
    hookTimeout: 60_000,
  },
});
