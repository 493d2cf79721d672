import type { Readable } from 'node:stream';
import { type Entry, fromBufferPromise, getFileNameLowLevel, type ZipFile } from 'yauzl';
import { TrexError } from '../../lib/errors.ts';
import { clipUnits } from '../../lib/text.ts';
import { isGzip, unpackGzip } from './gunzip.ts';
import type { Part } from './opened-file.ts';
import { refusals } from './refusals.ts';

const maxEntries = 1000;
const holdsRows = /\.(?:jsonl|ndjson|json|csv|tsv|txt|parquet)(?:\.gz)?$/i;
/** Files that operating systems add to a zip. */
const isDropping = (name: string): boolean => /(?:^|\/)(?:__MACOSX\/|\.[^/]*$|Thumbs\.db$)/.test(name);

/**
 * The files of a zip that may hold rows. Names only tell formats and are shown: nothing is opened or written by them.
 * @throws BadInputError
 */
export async function unzip(
  name: string,
  bytes: Uint8Array,
  maxBytes: number,
): Promise<{ parts: Part[]; leftOut: string[] }> {
  const parts: Part[] = [];
  const leftOut: string[] = [];
  let left = maxBytes;
  let entries = 0;
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Undecoded names are not checked as paths, and need not be: they are never used as such.
    const zip = await fromBufferPromise(buffer, { lazyEntries: true, decodeStrings: false });
    for await (const entry of zip.eachEntry()) {
      entries += 1;
      const inner = nameOf(entry);
      if (inner === '[Content_Types].xml') throw refusals.officeFile(name);
      if (entries > maxEntries) throw refusals.tooManyFiles(name, maxEntries);
      if (inner.endsWith('/') || isDropping(inner)) continue;
      if (!holdsRows.test(inner)) {
        leftOut.push(inner);
        continue;
      }
      if (entry.isEncrypted()) throw refusals.locked(name);
      const content = await readEntry(zip, entry, left, () => refusals.tooLargeUnpacked(name, maxBytes));
      const part = isGzip(content) ? await unpackGzip(inner, content, left) : { name: inner, bytes: content };
      left -= part.bytes.length;
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof TrexError ? error : refusals.damaged(name, 'a zip file', error);
  }
  if (parts.length === 0) throw refusals.noFiles(name, leftOut);
  return { parts, leftOut };
}

function nameOf(entry: Entry): string {
  const raw = entry.fileNameRaw;
  const name = getFileNameLowLevel(entry.generalPurposeBitFlag, raw, entry.extraFields, false);
  return clipUnits(name.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' '), 100);
}

async function readEntry(zip: ZipFile, entry: Entry, maxBytes: number, refuse: () => Error): Promise<Buffer> {
  const stream: Readable = await zip.openReadStreamPromise(entry);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw refuse();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
