import { existsSync } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asError } from '../lib/errors.ts';
import { folderProblem, unusableDataDir } from '../lib/folder-problem.ts';

/**
 * Makes the data folder where it is not, for its own user only, and tries whether it can be written: better now than in
 * the middle of a run. @returns whether other users of the machine can look into a folder that was there before
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

/** One folder after the other: Node's `recursive` never comes back from a place where none can be made, as `/proc/x`. */
async function makeFolder(dir: string): Promise<void> {
  if (existsSync(dir)) {
    if (!(await stat(dir)).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    return;
  }
  await makeFolder(dirname(dir));
  await mkdir(dir, { mode: 0o700 });
}
