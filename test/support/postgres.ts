import { execFile, execFileSync } from 'node:child_process';
import { accessSync, chownSync, constants, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { openPostgres } from '../../src/store/open-postgres.ts';

/** A PostgreSQL server of this test run, in a temporary folder. */
export interface PostgresServer {
  /** Address of a database on it. */
  url(database: string): string;
  /** Creates a database, empty or with the schema (copied from a template: 25 ms). @returns its address */
  create(options?: { migrated?: boolean }): Promise<string>;
  drop(url: string): Promise<void>;
  /** Ends the server, also with open connections, and removes its files. */
  stop(): Promise<void>;
}

/** Variable with the address of the server, for the test files of a run that has one. */
export const serverVariable = 'TREX_TEST_POSTGRES';

const template = 'trex_template';

/**
 * Folder of the server's programs: TREX_POSTGRES_BIN, the newest of Debian's, or the one of `initdb` in PATH. Null where
 * there is none, after one line that says how to get it; under CI=true that is an error.
 */
export function findPostgres(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = listDir(debian).sort((a, b) => Number(b) - Number(a));
  const places = [
    ...(process.env.TREX_POSTGRES_BIN === undefined ? [] : [process.env.TREX_POSTGRES_BIN]),
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ];
  const found = places.find((place) => place !== '' && isProgram(join(place, 'initdb')));
  if (found !== undefined) return found;
  const need =
    'This suite needs the programs of a PostgreSQL server, 15 or later, and none were found: apt-get install -y postgresql, or set TREX_POSTGRES_BIN to the folder of initdb.';
  if (process.env.CI === 'true') throw new Error(need);
  console.log(need);
  return null;
}

/**
 * Starts a server on a free port of this machine, without passwords: for tests and benchmarks alone. PostgreSQL
 * refuses to run as root, so root runs it as the user `postgres`.
 * @param durable waits for the disk at every commit, as a real server does
 */
export async function startPostgres(
  bin: string,
  { durable = false }: { durable?: boolean } = {},
): Promise<PostgresServer> {
  const dir = mkdtempSync(join(tmpdir(), 'trex-postgres-'));
  const asOwner = ownerOf(dir);
  const data = join(dir, 'data');
  const port = await pickFreePort();
  const run = (program: string, ...args: string[]) => {
    const [command = '', ...rest] = [...asOwner, join(bin, program), ...args];
    return promisify(execFile)(command, rest, { cwd: dir });
  };
  const stopArgs = ['-D', data, '-m', 'immediate', 'stop'];
  try {
    await run('initdb', '-D', data, '-U', 'trex', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync');
    const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= ${durable ? '' : '-F '}-c max_connections=200 -c shared_buffers=32MB`;
    await run('pg_ctl', '-D', data, '-w', '-o', settings, '-l', join(dir, 'server.log'), 'start');
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  // A test run that ends without stop() ends its server too.
  const onExit = (): void => {
    try {
      const [command = '', ...rest] = [...asOwner, join(bin, 'pg_ctl'), ...stopArgs];
      execFileSync(command, rest, { cwd: dir, stdio: 'ignore' });
      rmSync(dir, { recursive: true, force: true });
    } catch {
      // It has ended already.
    }
  };
  process.once('exit', onExit);
  const url = (database: string): string => `postgres://trex@127.0.0.1:${port}/${database}`;
  await createDatabase(url('postgres'), template);
  await (await openPostgres(url(template))).close();
  return {
    ...postgresAt(url('postgres')),
    stop: async () => {
      process.removeListener('exit', onExit);
      await run('pg_ctl', ...stopArgs);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The server that the run's setup has started, from within a test file. */
export function givenPostgres(): Omit<PostgresServer, 'stop'> {
  const admin = process.env[serverVariable];
  if (admin === undefined)
    throw new Error(`${serverVariable} is not set: run this with npm run test:postgres`);
  return postgresAt(admin);
}

let made = 0;

function postgresAt(admin: string): Omit<PostgresServer, 'stop'> {
  const url = (database: string): string => Object.assign(new URL(admin), { pathname: `/${database}` }).href;
  return {
    url,
    create: async ({ migrated = true } = {}) => {
      const name = `t${process.pid}_${++made}`;
      await createDatabase(admin, name, migrated ? template : undefined);
      return url(name);
    },
    drop: (target) =>
      withServer(admin, async (sql) => {
        await sql.unsafe(`drop database if exists "${new URL(target).pathname.slice(1)}" with (force)`);
      }),
  };
}

const createDatabase = (admin: string, name: string, from?: string): Promise<void> =>
  withServer(admin, async (sql) => {
    const statement = `create database "${name}"${from === undefined ? '' : ` template "${from}"`}`;
    // When two files copy the template at the same time, one of them is refused and tries again.
    for (let attempt = 1; ; attempt++) {
      try {
        await sql.unsafe(statement);
        return;
      } catch (error) {
        if ((error as { code?: string }).code !== '55006' || attempt >= 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  });

async function withServer<T>(admin: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(admin, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** The prefix that runs a program as the owner of `dir`. */
function ownerOf(dir: string): string[] {
  if (process.getuid?.() !== 0) return [];
  const [uid = 0, gid = 0] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'])));
  chownSync(dir, uid, gid);
  return ['runuser', '-u', 'postgres', '--'];
}

function pickFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function listDir(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
