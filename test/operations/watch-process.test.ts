import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLocalCluster } from '../../src/cluster/local/local-cluster.ts';
import type { Cluster } from '../../src/cluster/port.ts';
import { watchLimits } from '../../src/executor/watch-run.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { watchJobs } from '../../src/operations/jobs/watch-jobs.ts';
import { runFolder } from '../../src/operations/launch/run-folder.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import type { Database } from '../../src/store/db.ts';
import { type JobRow, listJobs } from '../../src/store/jobs.ts';
import { ledgerTotals } from '../../src/store/ledger.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { createWorld, transcript, type World } from '../support/world/create-world.ts';
import { openTestDatabase } from '../support/world/test-database.ts';

/** Answers at once. */
const baseline = `require('fs').writeFileSync('result.json', '{"id":"base"}')`;

/** Trains ten steps, then sleeps with a child of its own, and does not listen to TERM. */
const stalling = `
  const { spawn } = require('child_process');
  const { appendFileSync, writeFileSync } = require('fs');
  process.on('SIGTERM', () => {});
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  writeFileSync('pids', process.pid + ' ' + child.pid);
  for (let step = 1; step <= 10; step++)
    appendFileSync('metrics.jsonl', JSON.stringify({ seq: step - 1, step, steps: 100, metrics: { loss: 1 } }) + '\\n');
  setInterval(() => {}, 1000);`;

let database: Database;
let world: World;
let cluster: Cluster;
const answers = new Map<string, string>();

beforeAll(async () => {
  database = await openTestDatabase();
  world = createWorld(database.db);
  const stateDir = join(world.ctx.settings.dataDir, 'cluster');
  cluster = createLocalCluster({ stateDir, slots: 1, graceSeconds: 0.3, log: silentLog, clock: systemClock });
  world.ctx.cluster = cluster;
  world.ctx.engine = {
    ...world.ctx.engine,
    render: ({ trainRows, predict }) => {
      for (const { items } of predict) for (const item of items) answers.set(item.id, '');
      const program = trainRows === null ? baseline : stalling;
      return { files: [], argv: [process.execPath, '-e', program], env: {} };
    },
    readPredictions: async () => answers,
  };
});
afterAll(async () => {
  for (const { key } of await cluster.list()) await cluster.cancel(key, 0);
  await database.close();
  await removeFolder(world.ctx.settings.dataDir);
});

test('a real process that stalls is ended with its children, proven gone, and its money goes back', async () => {
  const id = await world.begin('teach upper, exact match, budget 60 minutes, no need to ask, full only');
  const firstRun = async (): Promise<JobRow | undefined> =>
    (await listJobs(database.db, id)).find(({ key }) => key.endsWith('-n1-t0-run-a1'));
  const impatient = { ...watchLimits, silenceSeconds: 3, silenceFactor: 1 };
  const giveUp = Date.now() + 90_000;
  while ((await firstRun())?.state !== 'harvested' && Date.now() < giveUp) {
    await world.step(0);
    await watchJobs({ ctx: world.ctx, limits: impatient });
    await sleep(200);
  }
  const job = (await firstRun()) as JobRow;
  expect(job).toMatchObject({ clusterState: 'cancelled', stop: { code: 'stalled', fault: 'cluster' } });
  const pids = readFileSync(join(runFolder(world.ctx, job.key), 'pids'), 'utf8').split(' ');
  expect(pids).toHaveLength(2);
  for (const pid of pids) expect(existsSync(`/proc/${pid}`), `process ${pid} lives`).toBe(false);
  expect(job.runSeconds).toBeLessThan(job.limitSeconds);
  expect(transcript(world.chat)).toMatch(/stalled at step 10 of 100/);
  const view = await loadView({ ctx: world.ctx, campaignId: id });
  expect(view.nodes[1]?.cost.computeSeconds).toBeCloseTo(job.runSeconds, 3);
  const open = (await listJobs(database.db, id)).filter(({ state }) => state !== 'harvested');
  const held = (await ledgerTotals(database.db, id)).reserved.computeSeconds;
  expect(held).toBeCloseTo(
    open.reduce((sum, { limitSeconds }) => sum + limitSeconds, 0),
    6,
  );
}, 120_000);
