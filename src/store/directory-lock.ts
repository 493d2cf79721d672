import { mkdirSync, realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrexError } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';

/**
 * Makes this process the only one on a directory. Two PGlite processes on one directory both acknowledge writes
 * and lose them in silence, so a second one is refused. The lock is a listening socket: the kernel frees it when
 * the process dies, however it dies. Linux has abstract names; elsewhere it is a socket file whose stale leftover
 * is recognised by a refused connection.
 * @throws TrexError `data_dir_in_use`
 */
export async function lockDirectory(dir: string): Promise<{ release(): Promise<void> }> {
  mkdirSync(dir, { recursive: true });
  const name = `trex-${sha256(realpathSync(dir)).slice(0, 32)}`;
  const path = process.platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.sock`);
  const server = await listen(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    if (process.platform !== 'linux' && (await isStale(path))) {
      const { unlinkSync } = await import('node:fs');
      unlinkSync(path);
      return listen(path);
    }
    throw new TrexError(
      'data_dir_in_use',
      'config',
      `Another trex is already running on ${dir}. Stop it first, or give this one its own folder with TREX_DATA_DIR (several instances share a campaign only on PostgreSQL: set DATABASE_URL).`,
    );
  });
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}

async function isStale(path: string): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}
