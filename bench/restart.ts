import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runTypeScript } from '../src/lib/run-typescript.ts';
import { databaseBytes, makeLargeCampaign } from '../test/support/large-campaign.ts';
import { openDatabase } from '../test/support/open-database.ts';
import type { BenchLine } from './line.ts';
import { withDatabases } from './with-databases.ts';

const script = fileURLToPath(new URL('../test/support/bot/run-first-pass.ts', import.meta.url));
const nodes = 500;
const rounds = 5;

interface Start {
  seconds: number;
  residentMiB: number;
}

/** Measures from the start of the process until its first pass over jobs and campaigns is complete, and it has closed. */
async function start(place: string, dataDir: string): Promise<Start> {
  const startedMs = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [...runTypeScript(), script], {
    cwd: tmpdir(),
    env: {
      PATH: process.env.PATH,
      TEST_DATABASE: place,
      TREX_DATA_DIR: dataDir,
      TREX_PORT: '0',
      TREX_LOG_LEVEL: 'error',
    },
  });
  const { resident } = JSON.parse(stdout) as { resident: number };
  return { seconds: (performance.now() - startedMs) / 1000, residentMiB: resident };
}

/** The median of several starts in a row. */
async function measure(place: string, dataDir: string): Promise<Start> {
  const starts: Start[] = [];
  for (let i = 0; i < rounds; i++) starts.push(await start(place, dataDir));
  starts.sort((a, b) => a.seconds - b.seconds);
  return starts[Math.floor(rounds / 2)] as Start;
}

/** Time until a campaign of 500 nodes moves again after a restart, against an empty database. About 2 min. */
export async function benchRestart(): Promise<BenchLine[]> {
  const lines: BenchLine[] = [];
  await withDatabases(async (make) => {
    const [empty, full] = [await make(), await make()];
    await (await openDatabase(empty.place)).close();
    const database = await openDatabase(full.place);
    const before = await databaseBytes(database);
    const { world } = await makeLargeCampaign(database, nodes);
    const after = await databaseBytes(database);
    await database.close();
    const { dataDir } = world.ctx.settings;
    const nothing = await measure(empty.place, dataDir);
    const large = await measure(full.place, dataDir);
    world.dispose();
    const line = (what: string, value: number, unit: string): BenchLine => ({
      bench: 'restart',
      case: `${full.name}, ${what}`,
      value: Math.round(value * 100) / 100,
      unit,
    });
    const against = 'an empty database';
    const ratio = (a: number, b: number): number => Math.round((a / b) * 100) / 100;
    lines.push(
      {
        ...line(`${nodes} rounds until the first pass is complete`, large.seconds, 's'),
        ...{ against, ratio: ratio(large.seconds, nothing.seconds) },
      },
      line('an empty database until the first pass is complete', nothing.seconds, 's'),
      {
        ...line(`memory with ${nodes} rounds`, large.residentMiB, 'MiB'),
        ...{ against, ratio: ratio(large.residentMiB, nothing.residentMiB) },
      },
    );
    const total = (sizes: Map<string, number>): number => [...sizes.values()].reduce((sum, n) => sum + n, 0);
    lines.push(line('in the database, a round', (total(after) - total(before)) / nodes, 'bytes'));
    for (const [table, bytes] of [...after].sort((a, b) => b[1] - a[1]).slice(0, 3)) {
      lines.push(line(`of these in ${table}`, (bytes - (before.get(table) ?? 0)) / nodes, 'bytes'));
    }
  });
  return lines;
}
