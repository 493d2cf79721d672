import type { TestProject, Vitest } from 'vitest/node';

/** `filenamePattern` holds the words after the options of the command line; it is no part of the published types. */
type Filtered = Vitest & { filenamePattern?: string[] };

/** Vitest passes when one of several filters matches no file: a test that moved would silently run no more. */
export default async function setup(project: TestProject): Promise<void> {
  const vitest: Filtered = project.vitest;
  for (const filter of vitest.filenamePattern ?? []) {
    const files = await vitest.globTestSpecifications([filter]);
    if (files.length === 0) throw new Error(`No test file matches ${filter}`);
  }
}
