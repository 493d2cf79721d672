import { isGzip, unpackGzip } from './gunzip.ts';
import type { Part } from './opened-file.ts';
import { unzip } from './unzip.ts';

export interface Unpacked {
  container?: 'gzip' | 'zip';
  parts: Part[];
  /** Names of files in a zip that hold no rows. */
  leftOut: string[];
}

const isZip = ([a, b, c, d]: Uint8Array): boolean => a === 0x50 && b === 0x4b && c === 0x03 && d === 0x04;

/**
 * Unpacks a file from gzip or zip. `maxBytes` limits the unpacked bytes, whatever size the file claims; nothing is
 * written to disk.
 * @throws BadInputError when it is damaged, too large, locked, or an office file
 */
export async function unpack(name: string, bytes: Uint8Array, maxBytes: number): Promise<Unpacked> {
  if (isGzip(bytes))
    return { container: 'gzip', parts: [await unpackGzip(name, bytes, maxBytes)], leftOut: [] };
  if (isZip(bytes)) return { container: 'zip', ...(await unzip(name, bytes, maxBytes)) };
  return { parts: [{ name, bytes }], leftOut: [] };
}
