import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import type { CampaignView } from '../../src/campaign/view.ts';
import { parseConfig } from '../../src/config/config.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { findCampaign } from '../../src/operations/view/find-campaign.ts';
import { loadTree } from '../../src/operations/view/load-tree.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { reproduce } from '../../src/reproduce.ts';
import { type FakeHub, startFakeHub } from '../support/fake-hub.ts';
import { createPatientEngine } from '../support/patient-engine.ts';
import { createRecordingChat } from '../support/recording-chat.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { createSmallCatalog } from '../support/small-catalog.ts';
import { stopEverything } from '../support/stop-everything.ts';
import { until } from '../support/until.ts';

const [channel, user, threadTs] = ['C0TRAINING', 'U0ANA', '1000000000.000100'];
const dataDir = mkdtempSync(join(tmpdir(), 'trex-ship-'));
const catalog = createSmallCatalog(120);
const engine = createPatientEngine();
let app: App | null = null;
let hub: FakeHub;

afterEach(async () => {
  if (app !== null) await stopEverything(app);
  await hub.close();
  await removeFolder(dataDir);
});

test('of a real campaign the winner alone is kept, shipped through a restart, and made again bit by bit', {
  timeout: 600_000,
}, async () => {
  hub = await startFakeHub({ owner: 'acme', partBytes: 100_000 });
  const { config, secrets } = parseConfig({
    TREX_DATA_DIR: dataDir,
    TREX_PORT: '0',
    TREX_SLOTS: '2',
    TREX_LOG_LEVEL: 'error',
    TREX_KEEP_WEIGHTS: 'winner',
    TREX_SHIP_HUB: 'acme',
    TREX_HUB_URL: hub.url,
    HF_TOKEN: hub.token,
  });
  const chat = createRecordingChat();
  const start = async (): Promise<App> => {
    app = await createApp(config, secrets, { chat, catalog, engine });
    await app.start();
    return app;
  };
  const { bot, ctx } = await start();
  await bot.message({
    ...{ teamId: 'T0', channel, ts: threadTs, threadTs: null, user },
    ...{ files: [], mentioned: true, direct: false },
    text: 'fine-tune nano on the task date, budget 2 hours, never ask, at most 3 rounds',
  });
  const campaignId = await until('a campaign', 5000, () =>
    findCampaign({ ctx, input: { channel, threadTs } }),
  );
  await until('the brief', 10_000, () => chat.messages.some((m) => m.content.kind === 'brief'));
  await bot.start({ campaignId, user });
  const view = await until(
    () => `the last word on weights:\n${chat.texts().join('\n')}`,
    400_000,
    async (): Promise<CampaignView | null> => {
      const { campaign } = await loadTree(ctx, campaignId);
      return campaign.weightsSettledAt === null ? null : loadView({ ctx, campaignId });
    },
  );
  expect(view.state, chat.texts().join('\n')).toBe('finished');
  expect(view.final?.weights).toMatchObject({ host: null, check: 'verified' });
  const withWeights = (): string[] =>
    readdirSync(join(dataDir, 'runs')).filter((run) =>
      existsSync(join(dataDir, 'runs', run, engine.weightsFile)),
    );
  await until('the files to go', 15_000, () => withWeights().length === 1);
  expect(withWeights()[0]).toContain(`-n${view.final?.winner}-`);

  // Approved, and in the middle of the upload the bot stops.
  await bot.ship({ campaignId, kind: 'hub', user });
  const card = await until('the card', 10_000, () => {
    const content = chat.messages.find((m) => m.content.kind === 'shipment')?.content;
    return content?.kind === 'shipment' ? content.shipment : null;
  });
  hub.faultOf = (call) => (call.startsWith('PUT') ? { kind: 'hang' } : null);
  expect(await bot.decideShipment({ shipmentId: card.id, decision: 'approve', user })).toEqual({
    private: null,
  });
  await until('an upload', 20_000, () => hub.seen.some((call) => call.startsWith('PUT')));
  await (app as unknown as App).stop();
  expect(hub.repos.get(card.terms.place.replace(/^[^/]*\//, ''))?.commits).toHaveLength(1);
  hub.faultOf = () => null;
  await start();
  await until(
    () => `the arrival:\n${chat.texts().join('\n')}`,
    30_000,
    () => chat.texts().some((text) => text.includes('is shipped: ')),
  );
  const repo = hub.repos.get(card.terms.place.replace(/^[^/]*\//, ''));
  expect(repo?.private).toBe(true);
  expect(repo?.commits).toHaveLength(2);
  expect(sha256(repo?.files.get(engine.weightsFile)?.content ?? '')).toBe(view.final?.weightsSha256);
  expect(repo?.files.get('README.md')?.content.toString()).toContain('base_model: "nano-154k"');
  expect(hub.complaints).toEqual([]);
  expect(chat.messages.filter((m) => m.content.kind === 'shipment')).toHaveLength(1);
  expect(JSON.stringify(chat.messages)).not.toContain(hub.token);

  expect(await reproduce(campaignId, config)).toBe(0);
});
