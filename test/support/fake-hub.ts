import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A fault of one request. `cut` closes the connection: before anything is done, or after it took effect. */
export type HubFault =
  | { kind: 'status'; status: number; headers?: Record<string, string> }
  | { kind: 'cut'; when: 'before' | 'after' }
  | { kind: 'hang' };

interface Repo {
  private: boolean;
  head: string;
  commits: { title: string; files: string[] }[];
  files: Map<string, { content: Buffer; isLfs: boolean }>;
}

/**
 * A Hub on 127.0.0.1 with the documented calls of an upload: create, info, paths-info, preupload, LFS batch with signed
 * addresses of its own, commit as NDJSON. It stores uploads and checks them: hashes, lengths, the parent of a commit,
 * and that the token is sent nowhere else.
 */
export interface FakeHub {
  url: string;
  token: string;
  /** Repositories by `owner/name`. */
  repos: Map<string, Repo>;
  /** `METHOD /path` of every request, oldest first, without queries. */
  seen: string[];
  /** Breaks of the contract by the client. */
  complaints: string[];
  /** Called before each request. */
  faultOf: (call: string) => HubFault | null;
  close(): Promise<void>;
}

const sha1 = (data: Buffer | string): string => createHash('sha1').update(data).digest('hex');
const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

export async function startFakeHub(options: { owner: string; partBytes?: number }): Promise<FakeHub> {
  const { owner, partBytes = 1 << 20 } = options;
  const stored = new Map<string, Buffer>();
  const parts = new Map<string, Map<number, Buffer>>();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hub: FakeHub = {
    url,
    token: 'hf_secretOfTheTest',
    repos: new Map(),
    seen: [],
    complaints: [],
    faultOf: () => null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    const call = `${request.method} ${pathname}`;
    hub.seen.push(call);
    const fault = hub.faultOf(call);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'cut' && fault.when === 'before') return void request.socket.destroy();
    const body = await read(request).catch(() => null);
    if (body === null) return;
    if (fault?.kind === 'status') {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      return void response.end(JSON.stringify({ error: `as asked for: ${hub.url}/signed?Signature=secret` }));
    }
    const answer = pathname.startsWith('/lfs/')
      ? answerStorage(request, pathname, body)
      : answerApi(request, call, searchParams, body);
    if (fault?.kind === 'cut') return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
  }

  /** Answers requests to signed addresses, which need no token and must not get one. */
  function answerStorage(request: IncomingMessage, path: string, body: Buffer): Answer {
    if (request.headers.authorization !== undefined) hub.complaints.push(`a token was sent to ${path}`);
    const [, , oid = '', part] = path.split('/');
    if (request.method === 'POST') {
      const { parts: named } = JSON.parse(body.toString()) as {
        parts: { partNumber: number; etag: string }[];
      };
      const held = parts.get(oid) ?? new Map<number, Buffer>();
      const whole = Buffer.concat(named.map(({ partNumber }) => held.get(partNumber) ?? Buffer.alloc(0)));
      if (named.some(({ partNumber, etag }) => etag !== sha1(held.get(partNumber) ?? '')))
        return error(400, 'etag');
      if (sha256(whole) !== oid) return error(400, 'hash');
      stored.set(oid, whole);
      return { status: 200 };
    }
    if (request.headers['content-length'] !== String(body.length)) hub.complaints.push(`no length: ${path}`);
    if (part !== undefined) {
      parts.set(oid, (parts.get(oid) ?? new Map()).set(Number(part), body));
      return { status: 200, headers: { etag: sha1(body) } };
    }
    if (sha256(body) !== oid) return error(400, 'hash');
    stored.set(oid, body);
    return { status: 200 };
  }

  function answerApi(request: IncomingMessage, call: string, query: URLSearchParams, body: Buffer): Answer {
    if (request.headers.authorization !== `Bearer ${hub.token}`) return error(401, 'Invalid credentials');
    if (call === 'POST /api/repos/create') return createRepo(JSON.parse(body.toString()));
    const [, name = '', action = ''] =
      /^\w+ \/(?:api\/models\/)?([\w.-]+\/[\w.-]+?)(?:\.git)?\/(revision|paths-info|preupload|commit|info\/lfs)/.exec(
        call,
      ) ?? [];
    const repo = hub.repos.get(name);
    if (repo === undefined) return error(404, 'Repository not found');
    switch (action) {
      case 'revision': {
        const fields = query.getAll('expand');
        return {
          status: 200,
          body: {
            _id: '1',
            id: name,
            private: repo.private,
            ...(fields.includes('sha') && { sha: repo.head }),
          },
        };
      }
      case 'paths-info':
        return { status: 200, body: pathsInfo(repo, JSON.parse(body.toString()).paths) };
      case 'preupload': {
        const { files } = JSON.parse(body.toString()) as { files: { path: string; size: number }[] };
        const modeOf = (path: string): string => (/\.(bin|safetensors)$/.test(path) ? 'lfs' : 'regular');
        return {
          status: 200,
          body: { files: files.map(({ path }) => ({ path, uploadMode: modeOf(path), shouldIgnore: false })) },
        };
      }
      case 'info/lfs':
        return { status: 200, body: batch(JSON.parse(body.toString()).objects) };
      default:
        return commit(name, repo, body.toString());
    }
  }

  function createRepo(wanted: {
    name: string;
    organization: string;
    visibility: string;
    type: string;
  }): Answer {
    if (wanted.organization !== owner)
      return error(403, `You don't have the rights to create a model under ${wanted.organization}`);
    const name = `${wanted.organization}/${wanted.name}`;
    if (hub.repos.has(name)) return error(409, 'You already created this model repo');
    const first = { title: 'initial commit', files: ['.gitattributes'] };
    hub.repos.set(name, {
      private: wanted.visibility === 'private',
      head: sha1(name),
      commits: [first],
      files: new Map(),
    });
    return { status: 200, body: { url: `${url}/${name}`, id: name, name } };
  }

  function pathsInfo(repo: Repo, paths: string[]): unknown[] {
    return paths.flatMap((path) => {
      const file = repo.files.get(path);
      if (file === undefined) return [];
      const { content, isLfs } = file;
      const size = content.length;
      const oid = sha1(Buffer.concat([Buffer.from(`blob ${size}\0`), content]));
      return [
        isLfs
          ? {
              type: 'file',
              path,
              size,
              oid: sha1(path),
              lfs: { oid: sha256(content), size, pointerSize: 130 },
            }
          : { type: 'file', path, size, oid },
      ];
    });
  }

  function batch(objects: { oid: string; size: number }[]): unknown {
    const upload = (oid: string, size: number): unknown => {
      if (size <= partBytes) return { href: `${url}/lfs/${oid}?X-Amz-Signature=signed` };
      const count = Math.ceil(size / partBytes);
      const addresses = Array.from({ length: count }, (_, i) => [
        String(i + 1).padStart(5, '0'),
        `${url}/lfs/${oid}/${i + 1}?X-Amz-Signature=signed`,
      ]);
      return {
        href: `${url}/lfs/${oid}`,
        header: { chunk_size: String(partBytes), ...Object.fromEntries(addresses) },
      };
    };
    return {
      transfer: 'basic',
      objects: objects.map(({ oid, size }) =>
        stored.has(oid) ? { oid, size } : { oid, size, actions: { upload: upload(oid, size) } },
      ),
    };
  }

  function commit(name: string, repo: Repo, text: string): Answer {
    const lines = text
      .split('\n')
      .map((line) => JSON.parse(line) as { key: string; value: Record<string, string> });
    const header = lines.find((line) => line.key === 'header')?.value;
    if (header?.parentCommit !== undefined && header.parentCommit !== repo.head) {
      return error(412, 'A commit has happened since. Please refresh and try again.');
    }
    const files = new Map(repo.files);
    for (const { key, value } of lines) {
      if (key === 'file') {
        files.set(value.path ?? '', { content: Buffer.from(value.content ?? '', 'base64'), isLfs: false });
      } else if (key === 'lfsFile') {
        const content = stored.get(value.oid ?? '');
        if (content === undefined) return error(400, 'LFS pointer pointed to a file that does not exist');
        files.set(value.path ?? '', { content, isLfs: true });
      }
    }
    repo.files = files;
    repo.head = sha1(`${repo.head} ${text}`);
    repo.commits.push({
      title: header?.summary ?? '',
      files: lines.flatMap(({ key, value }) => (key === 'header' ? [] : [value.path ?? ''])).sort(),
    });
    return {
      status: 200,
      body: { commitUrl: `${url}/${name}/commit/${repo.head}`, commitOid: repo.head, hookOutput: '' },
    };
  }
  return hub;
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

const error = (status: number, text: string): Answer => ({ status, body: { error: text } });

async function read(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
