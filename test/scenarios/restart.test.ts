import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import type { CampaignView } from '../../src/campaign/view.ts';
import { parseConfig } from '../../src/config/config.ts';
import { findCampaign } from '../../src/operations/view/find-campaign.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { readHealth } from '../../src/operations/view/read-health.ts';
import { createPatientEngine } from '../support/patient-engine.ts';
import { createRecordingChat } from '../support/recording-chat.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { createSmallCatalog } from '../support/small-catalog.ts';
import { stopEverything } from '../support/stop-everything.ts';
import { until } from '../support/until.ts';

const [channel, user, threadTs] = ['C0TRAINING', 'U0ANA', '1000000000.000100'];
const dataDir = mkdtempSync(join(tmpdir(), 'trex-restart-'));
const { config, secrets } = parseConfig({
  TREX_DATA_DIR: dataDir,
  TREX_PORT: '0',
  TREX_SLOTS: '2',
  TREX_LOG_LEVEL: 'error',
});
const catalog = createSmallCatalog();
const engine = createPatientEngine();
let app: App | null = null;

afterEach(async () => {
  if (app !== null) await stopEverything(app);
  await removeFolder(dataDir);
});

test('a campaign goes on where it was when the bot is started again', { timeout: 300_000 }, async () => {
  const chat = createRecordingChat();
  app = await createApp(config, secrets, { chat, catalog, engine });
  await app.start();
  await app.bot.message({
    ...{
      teamId: 'T0',
      channel,
      ts: threadTs,
      threadTs: null,
      user,
      files: [],
      mentioned: true,
      direct: false,
    },
    text: 'fine-tune nano on the task date, budget 2 hours, never ask, at most 2 rounds',
  });
  const campaignId = await until('a campaign', 5000, () =>
    findCampaign({ ctx: (app as App).ctx, input: { channel, threadTs } }),
  );
  await until('the brief', 10_000, () => chat.messages.some((m) => m.content.kind === 'brief'));
  expect(await app.bot.start({ campaignId, user })).toEqual({ private: null });

  // In the middle: a training run under way, the second process of its supervisor.
  const key = await until(
    () => `a training run of:\n${chat.texts().join('\n')}`,
    90_000,
    () => runDirs().find((dir) => dir.includes('-n1-') && identityOf(dir) !== null),
  );
  const before = identityOf(key);
  await app.stop();
  expect(existsSync(join(dataDir, 'runs', key, 'exit.json')), 'the run goes on without the bot').toBe(false);
  const posted = chat.messages.length;
  expect(posted).toBeGreaterThan(1);

  app = await createApp(config, secrets, { chat, catalog, engine });
  await app.start();
  const { ctx } = app;
  const view = await until(
    () => `the end of:\n${chat.texts().join('\n')}`,
    150_000,
    async (): Promise<CampaignView | null> => {
      const now = await loadView({ ctx, campaignId });
      return now.finishedAt === null ? null : now;
    },
  );
  await until('the last message', 10_000, async () => (await readHealth({ ctx })).outboxPending === 0);

  expect(view.state, chat.texts().join('\n')).toBe('finished');
  // The run was adopted: the same process to its end, and no run was ever tried twice.
  expect(identityOf(key)).toEqual(before);
  expect(runDirs().filter((dir) => !dir.endsWith('-a1'))).toEqual([]);
  // Nothing was said twice, and every message of one slot is one message.
  const keys = chat.messages.map((m) => m.keys[0]);
  expect(new Set(keys).size).toBe(keys.length);
  const count = (kind: string): number => chat.messages.filter((m) => m.content.kind === kind).length;
  expect([count('brief'), count('progress'), count('report')]).toEqual([1, 1, 1]);
  expect(chat.messages.length).toBeGreaterThan(posted);
  expect(chat.messages.every((m) => m.channel === channel && m.threadTs === threadTs)).toBe(true);
});

const runDirs = (): string[] => {
  try {
    return readdirSync(join(dataDir, 'runs'));
  } catch {
    return [];
  }
};

/** The process that trains, as its supervisor wrote it down; null before it runs. */
function identityOf(dir: string): unknown {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'runs', dir, 'child.json'), 'utf8'));
  } catch {
    return null;
  }
}
