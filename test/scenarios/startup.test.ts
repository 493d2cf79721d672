import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runTypeScript } from '../../src/lib/run-typescript.ts';
import { openPglite } from '../../src/store/open-pglite.ts';
import { removeFolder } from '../support/remove-folder.ts';

/** A new database, made once. */
const made = mkdtempSync(join(tmpdir(), 'trex-startup-made-'));
let dir: string;
beforeAll(async () => {
  await (await openPglite(join(made, 'db'))).close();
}, 120_000);
afterAll(() => rmSync(made, { recursive: true, force: true }));
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trex-startup-'));
});
afterEach(() => removeFolder(dir));

/** `trex serve` until it ends by itself, which it has to in this file. */
function serve(environment: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const bin = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));
  const child = spawn(process.execPath, [...runTypeScript(), bin, 'serve'], {
    cwd: dir,
    env: {
      PATH: process.env.PATH,
      LOCAL_SLACK: process.env.LOCAL_SLACK,
      ...{ TREX_DATA_DIR: join(dir, 'data'), TREX_PORT: '0', LOCAL_SLACK_PORT: '0', TREX_LOG_LEVEL: 'warn' },
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const late = setTimeout(() => child.kill('SIGKILL'), 100_000);
  return new Promise((resolve) =>
    child.once('exit', (code) => {
      clearTimeout(late);
      resolve({ code, said });
    }),
  );
}

const withDatabase = (): string => {
  mkdirSync(join(dir, 'data'), { mode: 0o700 });
  cpSync(join(made, 'db'), join(dir, 'data', 'db'), { recursive: true });
  return join(dir, 'data', 'db');
};

/** A sentence with the variable, the exit code for configuration, and not a line of our code. */
function expectRefusal({ code, said }: { code: number | null; said: string }, ...words: string[]): void {
  for (const word of words) expect(said).toContain(word);
  expect(said).not.toMatch(/^\s+at /m);
  expect(said).not.toContain('Error:');
  expect(code).toBe(78);
}

function occupy(): Promise<{ port: number; server: Server }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, () => resolve({ port: (server.address() as { port: number }).port, server }));
  });
}

/** A start takes two seconds, on a machine that does much else a minute. */
describe('the bot does not start, and says which variable to change', { timeout: 240_000 }, () => {
  test('where the data folder is a file', async () => {
    writeFileSync(join(dir, 'data'), '');
    expectRefusal(await serve({}), 'TREX_DATA_DIR', `${join(dir, 'data')} cannot be used`);
  });

  test('where a port is taken', async () => {
    withDatabase();
    const { port, server } = await occupy();
    expectRefusal(await serve({ LOCAL_SLACK_PORT: `${port}` }), 'LOCAL_SLACK_PORT', `Port ${port}`);
    expectRefusal(await serve({ TREX_PORT: `${port}` }), 'TREX_PORT', `Port ${port}`);
    server.close();
  });

  test('where the address is not one of this machine', async () => {
    withDatabase();
    const secret = { TREX_LINK_SECRET: 'x'.repeat(32) };
    expectRefusal(await serve({ TREX_HOST: '192.0.2.1', ...secret }), 'TREX_HOST', '192.0.2.1');
  });

  test('where the embedded database is in use, or damaged', async () => {
    const db = withDatabase();
    const open = await openPglite(db);
    expectRefusal(await serve({}), 'TREX_DATA_DIR', 'Another trex is already running');
    await open.close();
    truncateSync(join(db, 'global', 'pg_control'), 0);
    expectRefusal(await serve({}), 'TREX_DATA_DIR', `The embedded database in ${db} cannot be opened`);
  });
});

test('a database that was never finished making is made again', { timeout: 120_000 }, async () => {
  const db = join(dir, 'db');
  cpSync(join(made, 'db'), `${db}.making`, { recursive: true });
  rmSync(join(`${db}.making`, 'global'), { recursive: true });
  await (await openPglite(db)).close();
  expect(readdirSync(dir)).toEqual(['db']);
});

test('what the bot writes is for its own user', { timeout: 120_000 }, async () => {
  const { port, server } = await occupy();
  await serve({ TREX_PORT: `${port}` });
  server.close();
  const data = join(dir, 'data');
  const isOpen = (name: string): boolean => (statSync(name).mode & 0o077) !== 0;
  expect(isOpen(data)).toBe(false);
  const below = readdirSync(data, { recursive: true, encoding: 'utf8' });
  expect(below).toContain('workspace/workspace.json');
  // PostgreSQL gives this one rights of its own, in folders that are closed.
  const others = below.filter((name) => isOpen(join(data, name)) && !name.endsWith('/pg_internal.init'));
  expect(others).toEqual([]);
});
