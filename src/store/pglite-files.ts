import { closeSync, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

interface EmscriptenStream {
  nfd?: number;
  node: unknown;
}
interface EmscriptenModule {
  NODEFS: {
    stream_ops: { fsync?: (stream: EmscriptenStream) => number };
    realPath(node: unknown): string;
  };
}

/**
 * PGlite's file system, except that fsync reaches the disk. Out of the box PGlite 0.5 makes no fsync at all, even
 * with `fsync=on`; with this one a commit makes one (counted by system call). Safe against the death of the
 * process; against loss of power it is best effort, because directories are not synced.
 */
export class SyncedNodeFS extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const made = await super.init(...args);
    const options = made.emscriptenOpts as unknown as { preRun?: ((module: EmscriptenModule) => void)[] };
    options.preRun = [
      ...(options.preRun ?? []),
      (module) => {
        module.NODEFS.stream_ops.fsync = (stream) => {
          if (stream.nfd !== undefined) fdatasyncSync(stream.nfd);
          else syncByPath(module.NODEFS.realPath(stream.node));
          return 0;
        };
      },
    ];
    return made;
  }
}

function syncByPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * PGlite answers in microtasks, so a loop of queries starves timers and sockets (0 ticks in 1 s, measured); giving
 * way after every query costs nothing measurable and keeps Slack's acknowledgements in time.
 */
export function giveWayAfterQueries(pg: PGlite): void {
  const query = pg.query.bind(pg);
  const transaction = pg.transaction.bind(pg);
  const giveWay = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  pg.query = (async (...args: Parameters<PGlite['query']>) => {
    const result = await query(...args);
    await giveWay();
    return result;
  }) as PGlite['query'];
  pg.transaction = (async (callback: Parameters<PGlite['transaction']>[0]) => {
    const result = await transaction(callback);
    await giveWay();
    return result;
  }) as PGlite['transaction'];
}
