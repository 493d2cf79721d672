import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createLocalControl, type LocalControl, type LocalMessage } from '../../src/slack/local-control.ts';
import { type BotProcess, killBots, startProcess } from '../support/bot/start-bot.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { until } from '../support/until.ts';

const bin = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'trex-fresh-workspace-'));
const [channel, user] = ['C0TRAINING', 'U0TREXANA'];
/** On a machine that does much else. */
const patienceMs = 120_000;

afterEach(async () => {
  await killBots();
  await removeFolder(dataDir);
});

async function serve(): Promise<{ bot: BotProcess; chat: LocalControl }> {
  const local = process.env.LOCAL_SLACK;
  const bot = startProcess(
    bin,
    { TREX_DATA_DIR: dataDir, LOCAL_SLACK_PORT: '0', ...(local === undefined ? {} : { LOCAL_SLACK: local }) },
    ['serve'],
  );
  await bot.ready;
  const page = /Workspace page\s+(http:\S+)/.exec(bot.output())?.[1] ?? '';
  return { bot, chat: createLocalControl(page) };
}

const inThread = (root: string) => (message: LocalMessage) => message.thread_ts === root;

test('Ctrl-C and a new start: the campaign that runs on is reached in a new thread', {
  timeout: 500_000,
}, async () => {
  const first = await serve();
  await first.chat.say({
    channel,
    user,
    text: '<@U0TREXBOT> fine-tune nano on the task date, budget 3 hours, ask me above 1 second, full only',
  });
  const brief = await first.chat.waitForMessage(channel, (m) => m.text.includes('Budget 3 h'), patienceMs);
  await first.chat.click({ channel, messageTs: brief.ts, user, action: 'start:' });
  const isCard = (m: LocalMessage): boolean =>
    (m.blocks ?? []).some((block) => block.elements?.some((e) => e.action_id?.startsWith('approve:')));
  await first.chat.waitForMessage(channel, isCard, patienceMs);
  expect(await first.bot.kill('SIGINT')).toEqual({ code: 0, signal: null });

  const second = await serve();
  const root = await second.chat.waitForMessage(
    channel,
    (m) => m.text.includes('goes on in this thread') && m.thread_ts === undefined,
    patienceMs,
  );
  const card = await second.chat.waitForMessage(
    channel,
    (m) => inThread(root.ts)(m) && isCard(m),
    patienceMs,
  );
  await second.chat.click({ channel, messageTs: card.ts, user, action: 'approve' });
  await until('the decision on the card', patienceMs, async () =>
    (await second.chat.messages(channel)).some((m) => m.ts === card.ts && !isCard(m)),
  );
  await second.chat.say({ channel, user, threadTs: root.ts, text: '<@U0TREXBOT> status' });
  await second.chat.waitForMessage(
    channel,
    (m) => inThread(root.ts)(m) && m.text.includes('of 3 h'),
    patienceMs,
  );
  await second.chat.say({ channel, user, threadTs: root.ts, text: '<@U0TREXBOT> pause' });
  await second.chat.waitForMessage(
    channel,
    (m) => inThread(root.ts)(m) && /paused/i.test(m.text),
    patienceMs,
  );
  // Nothing was said where nobody can see it.
  const lost = (await second.chat.messages(channel)).filter(
    (m) => m.thread_ts !== undefined && m.thread_ts !== root.ts,
  );
  expect(lost).toEqual([]);
  expect((await second.bot.kill('SIGINT')).code).toBe(0);
});
