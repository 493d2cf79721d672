import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { CommitProgressEvent } from '@huggingface/hub';
import { TrexError } from '../lib/errors.ts';
import { createPatientFetch } from './patient-fetch.ts';
import { type Parcel, type ParcelFile, ShipLater, type ShipTarget } from './port.ts';

export interface HubOptions {
  /** Without a slash at its end. */
  url: string;
  /** User or organisation. */
  owner: string;
  /** Sent to `url` alone. */
  token: string;
  isPrivate: boolean;
  license: string | null;
  /** A request may stall for at most this long, milliseconds; unset is a minute. */
  stallMs?: number;
}

type Hub = typeof import('@huggingface/hub');

/** Ships to model repositories of a Hugging Face Hub: a parcel becomes a repository with one commit. */
export function createHubTarget(options: HubOptions): ShipTarget {
  const { url, owner, isPrivate, license } = options;
  const { host } = new URL(url);
  return {
    kind: 'hub',
    label: `${host}/${owner}`,
    termsOf: (name) => ({
      kind: 'hub',
      place: `${host}/${owner}/${name}`,
      visibility: isPrivate ? 'private' : 'public',
      license,
    }),
    ship: async (parcel, { onProgress, signal }) => {
      // Imported late: it takes 0.3 s to load, and most bots never ship.
      const hub = await import('@huggingface/hub');
      try {
        await send(hub, options, parcel, { onProgress, signal });
        return { url: `${url}/${owner}/${parcel.name}` };
      } catch (error) {
        throw signal.aborted || error instanceof TrexError ? error : explain(hub, options, parcel, error);
      }
    },
  };
}

async function send(
  hub: Hub,
  { url, owner, token, isPrivate, stallMs = 60_000 }: HubOptions,
  parcel: Parcel,
  { onProgress, signal }: Parameters<ShipTarget['ship']>[1],
): Promise<void> {
  const repo = { type: 'model' as const, name: `${owner}/${parcel.name}` };
  const total = parcel.files.reduce((sum, file) => sum + file.bytes, 0);
  let gone = 0;
  const patientFetch = createPatientFetch({
    stallMs,
    signal,
    onUpload: (bytes) => {
      gone += bytes;
      // A part that is sent again counts twice.
      onProgress(Math.min(1, gone / Math.max(1, total)));
    },
  });
  const access = { accessToken: token, hubUrl: url, fetch: patientFetch };
  await hub
    .createRepo({ repo, visibility: isPrivate ? 'private' : 'public', ...access })
    .catch((error: unknown) => {
      if (!(error instanceof hub.HubApiError && error.statusCode === 409)) throw error;
    });
  // A repository that existed before may be open to more people than the approval was for.
  const info = await hub.modelInfo({ name: repo.name, additionalFields: ['sha'], ...access });
  if (info.private !== isPrivate) {
    throw new TrexError(
      'ship_visibility',
      'config',
      `${repo.name} is there already and is ${info.private ? 'private' : 'public'}, which is not what was agreed to. Change its visibility, or delete it.`,
    );
  }
  const missing = await missingFiles(hub, access, repo, parcel.files);
  if (missing.length === 0) return;
  const commit = hub.commitIter({
    repo,
    title: parcel.title,
    operations: missing.map(({ name, path }) => ({
      operation: 'addOrUpdate',
      path: name,
      content: pathToFileURL(path),
    })),
    // A commit whose answer was lost may still arrive: with the same parent, only one of the two can succeed.
    ...(info.sha === undefined ? {} : { parentCommit: info.sha }),
    // The newer Xet protocol sends to hosts of its own choosing; every Hub understands the older one.
    useXet: false,
    abortSignal: signal,
    ...access,
  });
  await finish(commit);
  const left = await missingFiles(hub, access, repo, parcel.files);
  if (left.length > 0) {
    throw new ShipLater(
      `The Hub says it has ${left.map((file) => file.name).join(', ')}, and shows other files.`,
    );
  }
}

async function finish(commit: AsyncGenerator<CommitProgressEvent, unknown>): Promise<void> {
  while (!(await commit.next()).done);
}

type Access = { accessToken: string; hubUrl: string; fetch: typeof fetch };

/** Files that are missing in the repository, or differ. Large ones are compared by SHA-256, small ones by git's hash. */
async function missingFiles(
  hub: Hub,
  access: Access,
  repo: { type: 'model'; name: string },
  files: ParcelFile[],
): Promise<ParcelFile[]> {
  const paths = files.map((file) => file.name);
  const there = new Map((await hub.pathsInfo({ repo, paths, ...access })).map((info) => [info.path, info]));
  const missing: ParcelFile[] = [];
  for (const file of files) {
    const info = there.get(file.name);
    const isSame =
      info !== undefined &&
      info.size === file.bytes &&
      (info.lfs === undefined ? info.oid === (await gitName(file)) : info.lfs.oid === file.sha256);
    if (!isSame) missing.push(file);
  }
  return missing;
}

/** How git names the content of a small file: SHA-1 of `blob SIZE`, NUL and the bytes. */
async function gitName(file: ParcelFile): Promise<string> {
  const content = await readFile(file.path);
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

/** Leaves out the Hub's own message: addresses in it carry signatures. */
function explain(hub: Hub, { url, owner }: HubOptions, { name }: Parcel, error: unknown): TrexError {
  const { host } = new URL(url);
  if (!(error instanceof hub.HubApiError)) {
    return new ShipLater(`${host} cannot be reached, or broke off.`);
  }
  switch (error.statusCode) {
    case 401:
      return new TrexError(
        'hub_token',
        'config',
        `${host} does not know the token in HF_TOKEN (401). Set a valid one.`,
      );
    case 403:
      return new TrexError(
        'hub_forbidden',
        'config',
        `${host} does not let HF_TOKEN write to ${owner} (403). Give it write access to ${owner}.`,
      );
    case 404:
      return new TrexError(
        'hub_unknown',
        'config',
        `${host} knows no ${owner}, or hides it from HF_TOKEN (404).`,
      );
    case 409:
    case 412:
      return new ShipLater(`${owner}/${name} on ${host} changed while I wrote to it.`);
    case 413:
      return new TrexError('hub_too_large', 'config', `${host} refuses files of this size (413).`);
    default:
      return error.statusCode >= 500 || error.statusCode === 408 || error.statusCode === 429
        ? new ShipLater(`${host} answers ${error.statusCode}.`)
        : new TrexError('hub_refused', 'ours', `${host} refuses what I send (${error.statusCode}).`);
  }
}
