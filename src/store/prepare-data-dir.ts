import { existsSync } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asError } from '../lib/errors.ts';
import { folderProblem, unusableDataDir } from '../lib/folder-problem.ts';

/**
 * Creates the data folder where it is missing, for its own user only, and checks that it is writable: better now than
 * in the middle of a run.
 * @returns whether other users of the machine can read an existing folder
 * @throws TrexError `data_dir_unusable` with the reason
 */
export async function prepareDataDir(dir: string): Promise<{ isOpenToOthers: boolean }> {
  try {
    await makeFolder(dir);
    const probe = join(dir, `.probe-${process.pid}`);
    await writeFile(probe, 'x');
    await rm(probe);
    return { isOpenToOthers: ((await stat(dir)).mode & 0o077) !== 0 };
  } catch (error) {
    throw unusableDataDir(dir, folderProblem(error) ?? asError(error).message, error);
  }
}

/** Creates one folder after the other: Node's `recursive` never returns where none can be created, as in `/proc/x`. */
async function makeFolder(dir: string): Promise<void> {
  if (existsSync(dir)) {
    if (!(await stat(dir)).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    return;
  }
  await makeFolder(dirname(dir));
  await mkdir(dir, { mode: 0o700 });
}
