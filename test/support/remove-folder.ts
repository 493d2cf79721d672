import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Removes a folder in which a process that is ending may still write a file: such a file is removed at the next attempt. */
export async function removeFolder(path: string): Promise<void> {
  for (let left = 50; ; left--) {
    try {
      return await rm(path, { recursive: true, force: true });
    } catch (error) {
      const isBeingWritten = (error as NodeJS.ErrnoException).code === 'ENOTEMPTY';
      if (!isBeingWritten || left === 0) throw error;
      await sleep(100);
    }
  }
}
