import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres, startPostgres } from '../test/support/postgres.ts';

export interface BenchDatabase {
  name: 'PGlite' | 'PostgreSQL';
  /** Folder, or address. */
  place: string;
}

/** Runs a measurement on both databases, each new and empty; on the embedded one alone where there is no server. */
export async function withDatabases(
  measure: (make: () => Promise<BenchDatabase>) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'trex-bench-'));
  let made = 0;
  try {
    await measure(async () => ({ name: 'PGlite', place: join(dir, `db-${++made}`) }));
    const bin = findPostgres();
    if (bin === null) return;
    const server = await startPostgres(bin, { durable: true });
    try {
      await measure(async () => ({ name: 'PostgreSQL', place: await server.create() }));
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
