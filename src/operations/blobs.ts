import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DataDamagedError } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';
import { writeAtomically } from '../lib/write-atomically.ts';

/** Files by the hash of their content: data of campaigns, written once, never changed. */
export interface Blobs {
  put(text: string): Promise<string>;
  /**
   * The stored text, checked against its hash at every read: a file can change on disk at any time, and a score over
   * other rows is worse than none.
   * @param what name of the content for people: `the test split`
   * @throws DataDamagedError when the file is missing or holds anything else
   */
  get(hash: string, what: string): Promise<string>;
}

/** Blobs as files in a folder. Several instances on one database must share the folder. */
export function createFileBlobs(dir: string): Blobs {
  mkdirSync(dir, { recursive: true });
  const path = (hash: string): string => join(dir, hash);
  /** Null when it is not there. */
  const read = (hash: string): Promise<string | null> =>
    readFile(path(hash), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
  return {
    put: async (text) => {
      const hash = sha256(text);
      // A damaged file is repaired by writing the same content again.
      if ((await read(hash)) !== text) await writeAtomically(path(hash), text);
      return hash;
    },
    get: async (hash, what) => {
      const text = hash === '' ? null : await read(hash);
      if (text === null || sha256(text) !== hash)
        throw new DataDamagedError(what, join(basename(dir), hash), text === null ? 'missing' : 'changed');
      return text;
    },
  };
}
