import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eq, sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { type LocalWorkspace, startLocalWorkspace } from '../../src/slack/local-workspace.ts';
import { listCampaignsInStates } from '../../src/store/campaigns.ts';
import { type Database, rows } from '../../src/store/db.ts';
import { openPostgres } from '../../src/store/open-postgres.ts';
import { event, job, lease, node, outbox } from '../../src/store/schema.ts';
import { ask, channel } from '../support/bot/person.ts';
import { killBots, startBot } from '../support/bot/start-bot.ts';
import { givenPostgres } from '../support/postgres.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { until } from '../support/until.ts';

const dir = mkdtempSync(join(tmpdir(), 'trex-instances-'));
const dataDir = join(dir, 'data');
let isOver = false;
let workspace: LocalWorkspace | null = null;
let database: Database | null = null;

afterAll(async () => {
  isOver = true;
  await killBots();
  await workspace?.stop();
  await database?.close();
  await removeFolder(dir);
});

/** Which process holds a lease that has not run out, and the how manyeth owner it is. */
async function leaseOf({ db }: Database, name: string): Promise<{ pid: number; token: number } | null> {
  const [row] = await db
    .select({ owner: lease.owner, token: lease.token })
    .from(lease)
    .where(sql`${lease.name} = ${name} and ${lease.until} > clock_timestamp()`);
  return row === undefined ? null : { pid: Number(row.owner.split(':')[1]), token: row.token };
}

test('two instances share campaigns; one is killed, and the other takes over within seconds', {
  timeout: 600_000,
}, async () => {
  const server = givenPostgres();
  const databaseUrl = await server.create();
  workspace = await startLocalWorkspace({ dir: join(dir, 'workspace'), port: 0 });
  database = await openPostgres(databaseUrl);
  const { db } = database;
  const bots = [startBot({ dataDir, workspace, databaseUrl }), startBot({ dataDir, workspace, databaseUrl })];
  await Promise.all(bots.map((bot) => bot.ready));

  // Few rows each, so that a run takes about a second.
  const people = [await ask(workspace, 3), await ask(workspace, 3)];
  const acting = (async () => {
    while (!isOver) {
      for (const person of people) await person.look();
      await sleep(150);
    }
  })();
  acting.catch(() => {});
  const open = (states: Parameters<typeof listCampaignsInStates>[1]) => listCampaignsInStates(db, states);
  const plansOf = (bot: (typeof bots)[number]): number => bot.output().split('plans ').length;
  // Before Start either instance may plan a node, to tell what the budget buys: it is whichever handles the message.
  let plansAtStart: number[] | null = null;
  const ids = await until('both campaigns under way', 60_000, async () => {
    const found = (await open(['searching'])).map((c) => c.id);
    if (found.length === 2) plansAtStart ??= bots.map(plansOf);
    const trained = await rows<{ n: number }>(
      db,
      sql`select count(distinct campaign_id)::int as n from ${job}`,
    );
    return found.length === 2 && trained[0]?.n === 2 ? found : null;
  });

  const leases = await Promise.all(ids.map((id) => leaseOf(database as Database, `campaign:${id}`)));
  const holders = leases.map((held) => held?.pid);
  const victim = bots.find((bot) => bot.process.pid === holders[0]) as (typeof bots)[number];
  const heir = bots.find((bot) => bot !== victim) as (typeof bots)[number];
  const plansSinceStart = plansOf(heir) - (plansAtStart?.[bots.indexOf(heir)] ?? 0);
  await victim.kill('SIGKILL');
  const killedMs = performance.now();
  const names = [...ids.map((id) => `campaign:${id}`), 'jobs', 'messages'];
  await until('the other one to hold everything', 30_000, async () => {
    const now = await Promise.all(names.map((name) => leaseOf(database as Database, name)));
    return now.every((held) => held?.pid === heir.process.pid);
  });
  const takeoverSeconds = (performance.now() - killedMs) / 1000;
  console.log(`taken over after ${takeoverSeconds.toFixed(1)} s`);
  expect(takeoverSeconds).toBeLessThan(20);

  let jobs: string[] = [];
  await until(
    () => `both ends:\n${heir.output()}\n${jobs.join('\n')}`,
    400_000,
    async () => {
      jobs = (await db.select().from(job)).map((j) => `${j.key} ${j.state} ${j.clusterState} ${j.reason}`);
      return (await open(['finished'])).length === 2;
    },
  );
  isOver = true;
  await acting;
  await until('the last messages', 60_000, async () => {
    const left = await rows<{ n: number }>(
      db,
      sql`select count(*)::int as n from ${outbox} where state in ('pending', 'sending')`,
    );
    return left[0]?.n === 0;
  });
  // While its first owner lived, the other one planned no node of a campaign. A later token had an owner before.
  if (leases.every((held) => held?.pid === victim.process.pid && held?.token === 1))
    expect(plansSinceStart).toBe(0);
  for (const id of ids) {
    const numbers = await db.select({ number: node.number }).from(node).where(eq(node.campaignId, id));
    expect(numbers.map((n) => n.number).sort()).toEqual([0, 1, 2]);
    const events = (await db.select().from(event).where(eq(event.campaignId, id))).map((e) =>
      JSON.stringify([e.name, e.data]),
    );
    const once = events.filter((e) => /job\.harvested|node\.(planned|scored)|campaign\.finished/.test(e));
    expect(new Set(once).size).toBe(once.length);
  }
  // Jobs once, messages once.
  const keys = (await db.select({ key: job.key }).from(job)).map((row) => row.key).sort();
  expect(readdirSync(join(dataDir, 'runs')).sort()).toEqual(keys);
  expect(keys.every((key) => key.endsWith('-a1'))).toBe(true);
  const shown = (await workspace.control.messages(channel)).filter(
    (m) => m.bot_id !== undefined && !m.ephemeral_to,
  );
  // A file stands in the thread without blocks.
  const shownIds = shown.map((m) => m.blocks?.[0]?.block_id ?? m.files?.[0]?.id);
  expect(new Set(shownIds).size).toBe(shownIds.length);
  expect(shown.filter((m) => m.text.includes('reproduce')).length).toBe(2);
  expect(await heir.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});
