import { spawn } from 'node:child_process';
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { NotFoundError, TrexError } from '../../lib/errors.ts';
import { hashFile } from '../../lib/hash-file.ts';
import { readObject, writeOnce } from '../files.ts';
import type { FileFacts, FileSlice, JobRequest } from '../port.ts';
import { readLines, sliceLines } from '../read-lines.ts';
import { removeFiles } from '../remove-files.ts';
import { call, commonValues, type LoginNode, newMark } from './call.ts';
import { renderCall } from './render-call.ts';

/** How run directories get to the cluster and back. */
export interface RunFiles {
  /** Makes the directory and its input files available. @returns its path on the cluster */
  put(request: JobRequest): Promise<string>;
  read(key: string, file: string, offset: number, maxBytes: number): Promise<FileSlice>;
  /** Copies the files of an ended job to `dir`, once. */
  get(key: string, dir: string): Promise<void>;
  /** Copies these files of an ended job to `dir`, whatever their size. */
  fetch(key: string, dir: string, files: readonly string[]): Promise<void>;
  /** As Cluster.inspect. */
  inspect(key: string, file: string): Promise<FileFacts | null>;
  /** Removes the copies on this machine. @returns bytes freed */
  discard(key: string, dir: string, names: readonly string[]): Promise<number>;
  /** Files that are read repeatedly, with the offset of each reader: the next poll returns new content of them. */
  followed(keys: string[]): Followed[];
  /** Content that a poll returned; the next read takes it from here instead of asking. */
  offer(part: FilePart): void;
}

export interface Followed {
  key: string;
  file: string;
  offset: number;
}

export interface FilePart {
  key: string;
  file: string;
  /** Bytes in the file. */
  size: number;
  /** Where `bytes` begin: the offset asked for, or 0 when the file is shorter than that. */
  from: number;
  /** Nobody writes any more. */
  ended: boolean;
  bytes: Buffer;
}

/** The bot and the cluster see the same files under the same paths. */
export function createSharedFiles({ stateDir }: LoginNode): RunFiles {
  const dirOf = (key: string): string => {
    const dir = join(stateDir, 'keys', key, 'dir');
    if (!lstatSync(dir, { throwIfNoEntry: false })) throw new NotFoundError(`the job ${key}`);
    return dir;
  };
  return {
    put: async ({ dir }) => dir,
    read: async (key, file, offset, maxBytes) => {
      const dir = dirOf(key);
      const ended = existsSync(join(dir, 'exit.json'));
      return readLines(join(dir, file), offset, maxBytes, ended);
    },
    get: async () => {},
    fetch: async () => {},
    inspect: async (key, file) => {
      const dir = dirOf(key);
      const found = await hashFile(join(dir, file));
      return found && { host: null, path: join(realpathSync(dir), file), ...found };
    },
    discard: async () => 0,
    followed: () => [],
    offer: () => {},
  };
}

const firstPage = 256 * 1024;

/**
 * Directories are copied through the shell as tar archives: inputs at submit, plain files when the job has ended. Files
 * larger than `maxFileBytes` and those named in `lazyFiles` stay on the cluster until they are requested.
 */
export function createCopiedFiles(
  node: LoginNode,
  environment: Record<string, string>,
  { maxFileBytes, lazyFiles }: { maxFileBytes: number; lazyFiles: readonly string[] },
): RunFiles {
  const { shell, stateDir } = node;
  /** Local folder of the files of each ended job, by key. */
  const fetched = new Map<string, string>();

  /** At most one file of a job: its metrics. */
  const followed = new Map<string, Followed>();
  const offers = new Map<string, FilePart>();

  const readPart = async (key: string, file: string, offset: number, most: number): Promise<FilePart> => {
    const offer = offers.get(key);
    offers.delete(key);
    if (offer?.file === file && (offer.from === offset || offset > offer.size)) return offer;
    const mark = newMark();
    const script = renderCall('read', {
      ...commonValues(node, mark),
      ...{ key, file, offset: String(offset), most: String(most) },
    });
    const output = await shell.run(script);
    const start = output.indexOf(`${mark}\n`) + mark.length + 1;
    const end = output.indexOf(0x0a, start);
    const header = output.toString('utf8', start, end);
    if (header === 'unknown') throw new NotFoundError(`the job ${key}`);
    const [size = 0, from = 0, ended = 0] = header.split('\t').map(Number);
    return { key, file, size, from, ended: ended === 1, bytes: output.subarray(end + 1) };
  };

  const bring = async (key: string, into: string, names: readonly string[]): Promise<void> => {
    const mark = newMark();
    const wanted = { key, most: String(maxFileBytes), names: [...names], lazy: [...lazyFiles] };
    await shell.run(renderCall('get', { ...commonValues(node, mark), ...wanted }), {
      timeoutMs: fetchTimeoutMs,
      take: (output) => unpack(skipToMark(output, mark), into, environment),
    });
  };

  return {
    put: async ({ key, dir }) => {
      const pack = (): Readable =>
        spawn('tar', ['-c', '-f', '-', '-C', dir, '.'], {
          env: environment,
          stdio: ['ignore', 'pipe', 'ignore'],
        }).stdout;
      await call(node, 'put', { key }, { input: pack });
      return `${stateDir}/runs/${key}`;
    },

    read: async (key, file, offset, maxBytes) => {
      const here = fetched.get(key);
      if (here !== undefined && existsSync(join(here, file))) {
        return readLines(join(here, file), offset, maxBytes, true);
      }
      const first = await readPart(key, file, offset, Math.min(maxBytes, firstPage));
      const read = async (position: number, length: number): Promise<Buffer> => {
        const parts: Buffer[] = [];
        let at = position;
        if (at >= first.from && at < first.from + first.bytes.length) {
          parts.push(first.bytes.subarray(at - first.from, at - first.from + length));
          at += parts[0]?.length ?? 0;
        }
        if (at < position + length) parts.push((await readPart(key, file, at, position + length - at)).bytes);
        return Buffer.concat(parts);
      };
      const slice = await sliceLines({ size: first.size, read }, offset, maxBytes, first.ended);
      if (first.ended) followed.delete(key);
      else followed.set(key, { key, file, offset: slice.nextOffset });
      return slice;
    },

    get: async (key, dir) => {
      const done = join(dir, 'fetched.json');
      if (!fetched.has(key) && existsSync(done)) fetched.set(key, dir);
      if (fetched.has(key) || !existsSync(dir)) return;
      await bring(key, dir, []);
      writeOnce(done, { key });
      fetched.set(key, dir);
      followed.delete(key);
      offers.delete(key);
    },

    fetch: async (key, dir, files) => {
      if (!isOwnDir(key, dir)) throw new NotFoundError(`the run directory of ${key} on this machine`);
      if (existsSync(join(dir, 'fetched.json'))) fetched.set(key, dir);
      const missing = files.filter((name) => !existsSync(join(dir, name)));
      if (missing.length === 0) return;
      // Unpacked beside their place first, so that an interrupted copy is never taken for the file.
      const part = await mkdtemp(join(dir, '.fetch-'));
      try {
        await bring(key, part, missing);
        for (const name of await readdir(part)) await rename(join(part, name), join(dir, name));
      } finally {
        await rm(part, { recursive: true, force: true });
      }
    },

    inspect: async (key, file) => {
      const here = fetched.get(key);
      const path = here === undefined ? null : join(here, file);
      const found = path === null ? null : await hashFile(path);
      if (path !== null && found !== null) return { host: null, path, ...found };
      const [[word, bytes = '', sha256 = '', there = ''] = []] = await call(
        node,
        'inspect',
        { key, file },
        { timeoutMs: fetchTimeoutMs },
      );
      if (word === 'unknown') throw new NotFoundError(`the job ${key}`);
      if (word !== 'file') return null;
      return { host: node.host, path: there, bytes: Number(bytes), sha256 };
    },

    discard: async (key, dir, names) => (isOwnDir(key, dir) ? removeFiles(dir, names) : 0),

    followed: (keys) =>
      keys.flatMap((key) => {
        const file = followed.get(key);
        return file === undefined ? [] : [file];
      }),

    offer: (part) => void offers.set(part.key, part),
  };
}

/** A directory that is named by the cluster's records, which jobs can write, has to be this key's own. */
const isOwnDir = (key: string, dir: string): boolean => readObject(join(dir, 'cluster.json'))?.key === key;

const fetchTimeoutMs = 3600_000;

async function unpack(
  archive: AsyncIterable<Buffer>,
  dir: string,
  environment: Record<string, string>,
): Promise<void> {
  const tar = spawn('tar', ['-x', '-f', '-', '-C', dir, '--no-same-owner', '--no-same-permissions'], {
    env: environment,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let problem = '';
  tar.stderr.on('data', (data: Buffer) => {
    problem = (problem + data).slice(-300);
  });
  const ended = new Promise<number | null>((resolve) => tar.once('exit', resolve));
  await pipeline(archive, tar.stdin).catch(() => {});
  if ((await ended) !== 0) {
    throw new TrexError(
      'fetch_failed',
      'cluster',
      `The results of a job could not be unpacked in ${dir}: ${problem}`,
    );
  }
}

/** The output after our mark; login files may print before it. */
async function* skipToMark(output: Readable, mark: string): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of output) {
    if (head === null) {
      yield chunk as Buffer;
      continue;
    }
    head = Buffer.concat([head, chunk as Buffer]);
    const at = head.indexOf(`${mark}\n`);
    if (at < 0) continue;
    yield head.subarray(at + mark.length + 1);
    head = null;
  }
}
