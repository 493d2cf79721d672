import { defineConfig } from 'vitest/config';

/** The real bot and its workspace page in a real browser. Needs chromium; see test/browser/open-browser.ts. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 110_000,
    hookTimeout: 60_000,
  },
});
