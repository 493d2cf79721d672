import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LocalWorkspace, startLocalWorkspace } from '../../src/slack/local-workspace.ts';
import { channel } from '../support/bot/person.ts';
import { killBots, startBot, startProcess } from '../support/bot/start-bot.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { until } from '../support/until.ts';

const bin = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));
let dir = '';
let workspace: LocalWorkspace;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'trex-stop-'));
  workspace = await startLocalWorkspace({ dir: join(dir, 'workspace'), port: 0 });
});
afterEach(async () => {
  await killBots();
  process.kill(workspace.pid, 'SIGCONT');
  await workspace.stop();
  await removeFolder(dir);
});

const options = (env: Record<string, string> = {}) => ({ dataDir: join(dir, 'data'), workspace, env });

/** A campaign whose first run is under way. */
async function begin(): Promise<void> {
  const { ts } = await workspace.control.say({
    channel,
    user: 'U0TREXANA',
    text: `<@${workspace.botUserId}> fine-tune nano on the task date, budget 5 minutes, never ask`,
  });
  const thread = async () => (await workspace.control.messages(channel)).filter((m) => m.thread_ts === ts);
  const brief = await until('the brief', 60_000, async () =>
    (await thread()).find((m) => JSON.stringify(m.blocks ?? []).includes('start:')),
  );
  await workspace.control.click({ channel, messageTs: brief.ts, user: 'U0TREXANA', action: 'start:' });
  await until('the start', 60_000, async () => (await thread()).some((m) => m.text.startsWith('Started')));
}

describe('SIGTERM', () => {
  test('ends what is under way and then the process, while a run goes on', async () => {
    const bot = startBot(options());
    await bot.ready;
    await begin();
    const signalledMs = performance.now();
    expect(await bot.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalledMs).toBeLessThan(20_000);
    expect(bot.output()).toContain('Stopping: what is under way is finished');
  });

  test('ends the process after TREX_DRAIN_SECONDS when something does not end by itself', async () => {
    const bot = startBot(options({ TREX_DRAIN_SECONDS: '2' }));
    await bot.ready;
    await begin();
    // Slack takes requests and answers none; the message that is under way cannot end before its time limit.
    process.kill(workspace.pid, 'SIGSTOP');
    await sleep(4000);
    const signalledMs = performance.now();
    expect(await bot.kill('SIGTERM')).toEqual({ code: 1, signal: null });
    expect(performance.now() - signalledMs).toBeLessThan(8000);
    expect(bot.output()).toContain('Not done after 2 s: ending anyway');
  });

  test('a second one ends the process at once', async () => {
    const bot = startBot(options());
    await bot.ready;
    await begin();
    process.kill(workspace.pid, 'SIGSTOP');
    await sleep(4000);
    bot.process.kill('SIGTERM');
    await until('the first to be taken', 10_000, () => bot.output().includes('Stopping'));
    expect(await bot.kill('SIGTERM')).toEqual({ code: 130, signal: null });
  });
});

test('a second process on the embedded database is refused with a sentence, until the first has died', async () => {
  const first = startBot(options());
  await first.ready;
  const variables = {
    TREX_DATA_DIR: join(dir, 'data'),
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    SLACK_API_URL: workspace.apiUrl,
  };
  const second = startProcess(bin, variables, ['serve']);
  expect(await second.ended).toEqual({ code: 78, signal: null });
  expect(second.output()).toContain(`Another trex is already running on ${join(dir, 'data', 'db')}`);
  expect(second.output()).toContain('set DATABASE_URL');
  expect(second.output()).not.toContain('    at ');
  await first.kill('SIGKILL');
  const third = startProcess(bin, variables, ['serve']);
  expect(await third.ready).toMatch(/^http:/);
});
