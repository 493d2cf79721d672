import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TrexError } from '../lib/errors.ts';
import { hashFile } from '../lib/hash-file.ts';
import { type Parcel, type ParcelFile, ShipLater, type ShipTarget } from './port.ts';

/** Ships to a local or mounted folder: a parcel becomes a folder in it. */
export function createFolderTarget({ dir, license }: { dir: string; license: string | null }): ShipTarget {
  return {
    kind: 'folder',
    label: dir,
    termsOf: (name) => ({ kind: 'folder', place: join(dir, name), visibility: 'machine', license }),
    ship: async (parcel, { onProgress, signal }) => {
      const place = join(dir, parcel.name);
      try {
        if (existsSync(place)) {
          await expectSame(place, parcel);
          return { url: place };
        }
        const part = join(dir, `.${parcel.name}.part`);
        await rm(part, { recursive: true, force: true });
        await mkdir(part, { recursive: true });
        await chmod(part, 0o755);
        const total = parcel.files.reduce((sum, file) => sum + file.bytes, 0);
        let done = 0;
        for (const file of parcel.files) {
          await copyChecked(file, join(part, file.name), signal, (bytes) => {
            done += bytes;
            onProgress(total === 0 ? 1 : done / total);
          });
          // Others may read shipped files, unlike all other files of the bot.
          await chmod(join(part, file.name), 0o644);
        }
        await rename(part, place);
        return { url: place };
      } catch (error) {
        throw signal.aborted || error instanceof TrexError ? error : explain(error, dir);
      }
    },
  };
}

async function copyChecked(
  file: ParcelFile,
  to: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const hash = createHash('sha256');
  const watch = new Transform({
    transform(piece: Buffer, _, next) {
      hash.update(piece);
      onBytes(piece.length);
      next(null, piece);
    },
  });
  await pipeline(createReadStream(file.path), watch, createWriteStream(to, { flags: 'wx' }), { signal });
  if (hash.digest('hex') !== file.sha256) {
    throw new TrexError('file_changed', 'data', `${file.name} changed while it was copied.`);
  }
}

async function expectSame(place: string, { files }: Parcel): Promise<void> {
  const there = (await readdir(place)).sort();
  const names = files.map((file) => file.name).sort();
  let isSame = JSON.stringify(there) === JSON.stringify(names);
  for (const file of files) {
    if (!isSame) break;
    isSame = (await hashFile(join(place, file.name)))?.sha256 === file.sha256;
  }
  if (isSame) return;
  throw new TrexError(
    'ship_taken',
    'config',
    `${place} is there already, with other files in it. Move it away.`,
  );
}

function explain(error: unknown, dir: string): TrexError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new ShipLater(`The disk of ${dir} is full.`);
  if (code === 'EIO' || code === 'ESTALE' || code === 'ETIMEDOUT')
    return new ShipLater(`${dir} does not answer (${code}).`);
  return new TrexError('ship_refused', 'config', `${dir} cannot be written: ${code ?? message}.`);
}
