import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { FileSlice } from './port.ts';

const newline = 0x0a;

/** Bytes of a file, wherever it is. */
export interface ByteSource {
  /** Current size; the file may be longer when it is read. */
  size: number;
  /** Returns fewer bytes only at the end. */
  read(position: number, length: number): Promise<Buffer>;
}

/**
 * Complete lines of a file from `offset` on, at most `maxBytes` (see Cluster.read).
 * @param ended true once nobody writes any more: the end of the file then ends its last line
 */
export async function readLines(
  path: string,
  offset: number,
  maxBytes: number,
  ended: boolean,
): Promise<FileSlice> {
  const handle = await openPlainFile(path);
  if (handle === undefined) return { text: '', nextOffset: 0, size: 0 };
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return { text: '', nextOffset: 0, size: 0 };
    const read = (position: number, length: number) => readBytes(handle, position, length);
    return await sliceLines({ size: stat.size, read }, offset, maxBytes, ended);
  } finally {
    await handle.close();
  }
}

/** `readLines` of any source. */
export async function sliceLines(
  source: ByteSource,
  offset: number,
  maxBytes: number,
  ended: boolean,
): Promise<FileSlice> {
  const { size } = source;
  const from = offset > size ? 0 : offset;
  const bytes = await source.read(from, Math.min(maxBytes, size - from));
  if (ended && from + bytes.length >= size) return { text: bytes.toString('utf8'), nextOffset: size, size };
  const length = bytes.lastIndexOf(newline) + 1;
  if (length > 0) return { text: bytes.toString('utf8', 0, length), nextOffset: from + length, size };
  if (bytes.length < maxBytes) return { text: '', nextOffset: from, size };
  return { text: '', nextOffset: await endOfLongLine(source, from + bytes.length, ended, from), size };
}

/**
 * O_NOFOLLOW and O_NONBLOCK: a job can plant links and pipes in its directory, which must neither redirect nor block
 * us.
 */
async function openPlainFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'EMLINK' || code === 'ENXIO') return undefined;
    throw error;
  }
}

/** Offset after the line that runs through `from`, or `otherwise` while that line is still being written. */
async function endOfLongLine(
  source: ByteSource,
  from: number,
  ended: boolean,
  otherwise: number,
): Promise<number> {
  const { size } = source;
  for (let at = from; at < size; ) {
    const bytes = await source.read(at, Math.min(65_536, size - at));
    if (bytes.length === 0) break;
    const index = bytes.indexOf(newline);
    if (index >= 0) return at + index + 1;
    at += bytes.length;
  }
  return ended ? size : otherwise;
}

async function readBytes(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
