import { existsSync, mkdirSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFoundError } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';

/** Files by the hash of their content: data that a campaign uses, written once, never changed. */
export interface Blobs {
  put(text: string): Promise<string>;
  /** @throws NotFoundError */
  get(hash: string): Promise<string>;
}

/** Blobs as files in a folder. Several instances on one database must share the folder. */
export function createFileBlobs(dir: string): Blobs {
  mkdirSync(dir, { recursive: true });
  const path = (hash: string): string => join(dir, hash);
  return {
    put: async (text) => {
      const hash = sha256(text);
      if (!existsSync(path(hash))) {
        const partial = `${path(hash)}.${process.pid}.part`;
        await writeFile(partial, text);
        await rename(partial, path(hash));
      }
      return hash;
    },
    get: async (hash) => {
      try {
        return await readFile(path(hash), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT')
          throw new NotFoundError(`the data ${hash.slice(0, 12)}`);
        throw error;
      }
    },
  };
}
