import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { refusals } from './refusals.ts';

const inflate = promisify(gunzip);

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The file that is packed in a gzip file, named without its ending: `rows.jsonl.gz` holds `rows.jsonl`.
 * @throws BadInputError when it is damaged, or more than `maxBytes` come out
 */
export async function unpackGzip(
  name: string,
  bytes: Uint8Array,
  maxBytes: number,
): Promise<{ name: string; bytes: Uint8Array }> {
  try {
    const unpacked = await inflate(bytes, { maxOutputLength: Math.max(1, maxBytes) });
    return { name: name.replace(/\.(?:gz|gzip)$/i, ''), bytes: unpacked };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw refusals.tooLargeUnpacked(name, maxBytes, error);
    throw refusals.damaged(name, 'a gzip file', error);
  }
}
