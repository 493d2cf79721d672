import { defineConfig } from 'vitest/config';
import { isPrepared } from './test/support/gpu-engine/python.ts';
import { findPostgres } from './test/support/postgres.ts';
import { missingForSandbox } from './test/support/sandbox/find-sandbox.ts';
import { missingForSlurm } from './test/support/slurm/find-slurm.ts';

/** These put modules or the environment of their process in place of others, or start processes. */
const apart = [
  'src/cluster/local/run-job.test.ts',
  'src/sandbox/create-sandbox.test.ts',
  'test/contracts/**/*.test.ts',
  'test/kubernetes/**/*.test.ts',
  'test/scenarios/**/*.test.ts',
  'test/simulation/**/*.test.ts',
];

/** Folders of tests that need more than Node. Each is a project with a script of its own in package.json. */
const suites = ['browser', 'postgres', 'sandbox', 'slurm', 'gpu-engine', 'kills'];

/** The suites that `--project` names: only for these is it asked what the machine lacks. */
const chosen = suites.filter((name) =>
  process.argv.some(
    (word, i) => word === `--project=${name}` || (word === name && process.argv[i - 1] === '--project'),
  ),
);
const lacking = chosen.filter(isLacking);

/** Says in one line what a suite needs and does not find on this machine. */
function isLacking(name: string): boolean {
  if (name === 'postgres') return findPostgres() === null;
  const missing = name === 'sandbox' ? missingForSandbox() : name === 'slurm' ? missingForSlurm() : null;
  if (missing !== null) console.log(missing);
  return missing !== null;
}

const filesOf = (name: string): string[] => (lacking.includes(name) ? [] : [`test/${name}/**/*.test.ts`]);

/** Of every project, unless it says otherwise. */
const shared = {
  pool: 'forks' as const,
  hookTimeout: 60_000,
  setupFiles: ['test/support/property-seed.ts'],
  globalSetup: ['test/support/check-filters.ts'],
};

/** What runs when no `--project` is named. The command line takes it from here; the published type lacks it. */
const unnamed = { project: ['together', 'apart'] };

export default defineConfig({
  test: {
    ...unnamed,
    passWithNoTests: lacking.length > 0,
    projects: [
      {
        test: {
          ...shared,
          name: 'together',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['node_modules/**', ...suites.map((name) => `test/${name}/**`), ...apart],
          // Loading the modules anew for each file would cost a fifth of the whole.
          isolate: false,
          maxWorkers: 2,
          testTimeout: 180_000,
        },
      },
      { test: { ...shared, name: 'apart', include: apart, maxWorkers: 2, testTimeout: 180_000 } },
      {
        // The real bot and its workspace page in a real browser; see test/browser/open-browser.ts.
        test: {
          ...shared,
          name: 'browser',
          include: filesOf('browser'),
          fileParallelism: false,
          testTimeout: 110_000,
        },
      },
      {
        // A real PostgreSQL server that the run starts for itself: what two connections and two processes do to each
        // other, and the tests of the operations once more.
        test: {
          ...shared,
          name: 'postgres',
          include: [
            ...filesOf('postgres'),
            ...(lacking.includes('postgres') ? [] : ['test/operations/**/*.test.ts']),
          ],
          globalSetup: [...shared.globalSetup, 'test/support/postgres-setup.ts'],
          maxWorkers: 2,
          testTimeout: 120_000,
        },
      },
      {
        // Attempts to break out of the real sandbox, and a campaign that runs code in it.
        test: { ...shared, name: 'sandbox', include: filesOf('sandbox'), maxWorkers: 1, testTimeout: 60_000 },
      },
      {
        // A real Slurm cluster that the files start for themselves, on loopback.
        test: { ...shared, name: 'slurm', include: filesOf('slurm'), maxWorkers: 1, testTimeout: 110_000 },
      },
      {
        // The real trainers of the GPU engine, on the processor with a tiny model. The script makes their Python before.
        test: {
          ...shared,
          name: 'gpu-engine',
          include: filesOf('gpu-engine'),
          exclude: isPrepared('llamafactory') ? [] : ['test/gpu-engine/llamafactory.test.ts'],
          maxWorkers: 1,
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
      {
        // Real processes with real training that are killed and started again, on both databases where PostgreSQL is
        // there. Each file keeps two processors busy by itself.
        test: {
          ...shared,
          name: 'kills',
          include: filesOf('kills'),
          globalSetup: [...shared.globalSetup, 'test/support/postgres-setup.ts'],
          fileParallelism: false,
          testTimeout: 110_000,
        },
      },
    ],
  },
});
