import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';

/** A unique temporary name: other writers of the same file may be at work, here and in other processes. */
const partOf = (path: string): string => `${path}.${randomBytes(6).toString('hex')}.part`;

/**
 * Writes a file whole or not at all: first beside its place, then renamed. A reader sees the old content or the new.
 */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const part = partOf(path);
  try {
    await writeFile(part, content);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
}

/** The same, synchronously. @param mode of the file, where it is not the usual one: 0o600 */
export function writeAtomicallySync(path: string, content: string | Uint8Array, mode?: number): void {
  const part = partOf(path);
  try {
    writeFileSync(part, content, { mode });
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
