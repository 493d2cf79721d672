import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes files and folders of a directory. Links are removed and never followed: jobs can plant them.
 * @returns bytes of the removed files
 */
export async function removeFiles(dir: string, names: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const name of names) {
    const path = join(dir, name);
    bytes += await bytesOf(path);
    await rm(path, { recursive: true, force: true });
  }
  return bytes;
}

async function bytesOf(path: string): Promise<number> {
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (stat === null) return 0;
  if (!stat.isDirectory()) return stat.size;
  let bytes = 0;
  for (const name of await readdir(path)) bytes += await bytesOf(join(path, name));
  return bytes;
}
