import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { createRng } from '../../src/lib/rng.ts';
import { type LocalWorkspace, startLocalWorkspace } from '../../src/slack/local-workspace.ts';
import { ask, type PatientPerson } from '../support/bot/person.ts';
import { type Outcome, readOutcome, treeOf } from '../support/bot/read-outcome.ts';
import { type BotProcess, startBot } from '../support/bot/start-bot.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { until } from '../support/until.ts';

const campaignId = 'c-kills';
const rounds = 4;
/**
 * With four rounds a person approves three, the last when all the kills that are asked for have been: however fast the
 * machine, the campaign cannot end before. The surplus falls on the last round and the confirmation of the winner; a
 * slow machine needs so many lives for those that the kills have to stop.
 */
const lateness = 0.5;
const surplus = 0.2;

interface Ran {
  outcome: Outcome;
  person: PatientPerson;
  messages: Awaited<ReturnType<PatientPerson['thread']>>;
  kills: number;
}

/** Plays the campaign once, with so many kills in it or up to a fifth more, and reads what it came to. */
async function play(options: {
  kills: number;
  seed: number;
  databaseUrl: string | undefined;
  timeoutMs: number;
}): Promise<Ran> {
  const dir = mkdtempSync(join(tmpdir(), 'trex-kills-'));
  const dataDir = join(dir, 'data');
  const rng = createRng(options.seed);
  let workspace: LocalWorkspace | null = null;
  let bot: BotProcess | null = null;
  let stop = false;
  let kills = 0;
  try {
    workspace = await startLocalWorkspace({ dir: join(dir, 'workspace'), port: 0 });
    const setup = { dataDir, workspace, databaseUrl: options.databaseUrl, campaignId, leaseMs: 1500 };
    bot = startBot(setup);
    const spawnedMs = performance.now();
    await bot.ready;
    // On a busy machine everything takes longer, and a bot must live long enough to get something done.
    const slowness = Math.min(5, Math.max(1, (performance.now() - spawnedMs) / 3000));
    const person = await ask(workspace, rounds, (nth) => kills >= options.kills * nth * lateness);
    const stopAt = performance.now() + options.timeoutMs;
    const acting = (async () => {
      while (!stop) {
        // The workspace goes with a failed test.
        await person.look().catch((error: unknown) => {
          if (!stop) throw error;
        });
        await sleep(150);
      }
    })();
    acting.catch(() => {});
    await until('the brief', 60_000, async () => (await person.thread()).length > 0);
    const most = Math.ceil(options.kills * (1 + surplus));
    while (kills < most && !(await person.hasReport())) {
      // Every fourth dies while it starts, the others in the middle of work.
      if (rng.next() < 0.25)
        await Promise.race([bot.ready.catch(() => {}), sleep(200 + rng.next() * 2500 * slowness)]);
      else {
        await bot.ready;
        await sleep(rng.next() * 3000 * slowness);
      }
      await bot.kill('SIGKILL');
      kills++;
      bot = startBot(setup);
      if (performance.now() > stopAt) throw new Error(`out of time after ${kills} kills`);
    }
    const url = await bot.ready;
    const last = bot;
    const said = (): string => `the end of:\n${last.output()}`;
    await until(said, Math.max(1, stopAt - performance.now()), async () => {
      const health = (await (await fetch(`${url}/readyz`)).json()) as Outcome['health'];
      return health.outboxPending === 0 && health.activeCampaigns === 0 && (await person.hasReport());
    });
    stop = true;
    await acting;
    const messages = await person.thread();
    expect(await bot.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    const outcome = await readOutcome({ dataDir, databaseUrl: options.databaseUrl, campaignId });
    return { outcome, person, messages, kills };
  } finally {
    stop = true;
    await bot?.kill('SIGKILL');
    await workspace?.stop();
    await removeFolder(dir);
  }
}

/**
 * One campaign twice, once left alone and once killed again and again. The tree, the runs and the messages of the
 * second must be as if nothing had happened.
 */
export async function playWithKills(options: {
  kills: number;
  seed: number;
  databases: { calm: string | undefined; killed: string | undefined };
}): Promise<{ calm: Ran; killed: Ran }> {
  const { kills, seed, databases } = options;
  const timeoutMs = 840_000;
  const [calm, killed] = await Promise.all([
    play({ kills: 0, seed, databaseUrl: databases.calm, timeoutMs }),
    play({ kills, seed, databaseUrl: databases.killed, timeoutMs }),
  ]);
  return { calm, killed };
}

/** Every promise about kills, held against what came out. */
export function expectUnharmed({ calm, killed }: { calm: Ran; killed: Ran }, kills: number): void {
  const { outcome, person, messages } = killed;
  expect(killed.kills).toBeGreaterThanOrEqual(kills);
  expect(outcome.view.state).toBe('finished');
  // The tree, to the hash of the weights.
  expect(treeOf(outcome)).toEqual(treeOf(calm.outcome));

  // Every run once: one attempt, one folder, one harvest.
  const keys = outcome.jobs.map((job) => job.key).sort();
  expect(keys).toEqual(calm.outcome.jobs.map((job) => job.key).sort());
  expect(outcome.runDirs).toEqual(keys);
  expect(keys.filter((key) => !key.endsWith('-a1'))).toEqual([]);
  expect(countEvents(outcome, 'job.harvested')).toBe(keys.length);
  expect(countEvents(outcome, 'node.scored')).toBe(
    outcome.view.nodes.filter((n) => n.state === 'scored').length,
  );

  // No yes is lost, and none counts twice.
  const yeses = outcome.view.nodes.filter((n) => n.approval?.state === 'approved').map((n) => n.number);
  expect(yeses).toEqual(outcome.view.nodes.slice(1).map((n) => n.number));
  expect(countEvents(outcome, 'approval.approved')).toBe(yeses.length);
  const pressed = [...person.presses.values()].reduce((sum, n) => sum + n, 0);
  console.log(
    `${killed.kills} kills, ${keys.length} runs, ${messages.length} messages, ${yeses.length + 1} clicks counted of ${pressed} presses`,
  );

  // What is in the thread is what the outbox says: a message for each row, and one for each slot.
  const sent = outcome.outbox.filter((row) => row.state !== 'superseded' || row.slot !== null);
  expect(sent.filter((row) => row.slot === null && row.state !== 'sent')).toEqual([]);
  const single = sent.filter((row) => row.slot === null).length;
  const slots = new Set(sent.flatMap((row) => (row.slot === null ? [] : [row.slot]))).size;
  const shown = messages.map((m) => m.text.slice(0, 60));
  expect(messages.length, shown.join('\n')).toBe(single + slots);
  const ids = messages.map((m) => m.blocks?.[0]?.block_id);
  expect(new Set(ids).size).toBe(ids.length);
}

const countEvents = (outcome: Outcome, name: string): number =>
  outcome.events.filter((event) => event.name === name).length;
