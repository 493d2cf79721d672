import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import type { CampaignView } from '../../src/campaign/view.ts';
import { parseConfig } from '../../src/config/config.ts';
import { openEngine } from '../../src/executor/open-engine.ts';
import { findCampaign } from '../../src/operations/view/find-campaign.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import type { DataCatalog, Row } from '../../src/recipe/types.ts';
import {
  type GpuPlace,
  openGpuPlace,
  tinyModel,
  words,
  writeTasks,
} from '../support/gpu-engine/gpu-place.ts';
import { pythonOf } from '../support/gpu-engine/python.ts';
import { createRecordingChat } from '../support/recording-chat.ts';
import { stopEverything } from '../support/stop-everything.ts';
import { until } from '../support/until.ts';

const [channel, user, threadTs] = ['C0TRAINING', 'U0ANA', '1000000000.000100'];
let place: GpuPlace;
beforeAll(() => {
  place = openGpuPlace();
});
afterAll(() => place.remove());

/** Words to capitals; a number behind the word makes each prompt another one. */
const rowsOf = (from: number, to: number): Row[] =>
  Array.from({ length: to - from }, (_, i) => {
    const word = words[i % words.length] as string;
    return { prompt: `upper: ${word} ${from + i}`, completion: word.toUpperCase() };
  });
const pool = { id: 'upper/clean', title: 'clean words', note: 'right', rows: 240 };
const catalog: DataCatalog = {
  tasks: () => [
    {
      name: 'upper',
      title: 'Upper-case words',
      metric: 'exact_match',
      example: { prompt: 'upper: amber 1', completion: 'AMBER' },
      keywords: ['upper', 'capitals'],
      pools: [pool],
    },
  ],
  load: async (id) => rowsOf(0, pool.rows).map((row) => ({ ...row, source: id })),
  evaluation: async () => rowsOf(500, 620),
};

test('a whole campaign trains with TRL, and keeps a model that can be loaded', async () => {
  const modelsFile = join(place.root, 'models.json');
  writeFileSync(modelsFile, JSON.stringify([tinyModel(place.root)]));
  const { config, secrets } = parseConfig({
    TREX_DATA_DIR: join(place.root, 'data'),
    TREX_PORT: '0',
    TREX_SLOTS: '2',
    TREX_LOG_LEVEL: 'error',
    TREX_ENGINE: 'gpu',
    TREX_PYTHON: pythonOf('trl'),
    TREX_MODELS: modelsFile,
    TREX_GPU: 'cpu',
    TREX_LM_EVAL_TASKS: 'caps',
    TREX_LM_EVAL_DIR: writeTasks(place.root),
  });
  const engine = openEngine(config.engine);
  // Random weights want a rate that would ruin trained ones.
  const defaultTraining = () => ({
    ...engine.defaultTraining(),
    learningRate: 5e-3,
    precision: 'fp32' as const,
  });
  const chat = createRecordingChat();
  const app: App = await createApp(config, secrets, {
    chat,
    catalog,
    engine: { ...engine, defaultTraining },
  });
  try {
    await app.start();
    await app.bot.message({
      ...{ teamId: 'T0', channel, ts: threadTs, threadTs: null, user },
      ...{ files: [], mentioned: true, direct: false },
      text: 'fine-tune tiny on the task upper, budget 5 hours, never ask, at most 2 rounds',
    });
    const campaignId = await until('a campaign', 5000, () =>
      findCampaign({ ctx: app.ctx, input: { channel, threadTs } }),
    );
    await until(
      () => `the brief in:\n${chat.texts().join('\n')}`,
      10_000,
      () => chat.messages.some((m) => m.content.kind === 'brief'),
    );
    expect(await app.bot.start({ campaignId, user })).toEqual({ private: null });
    const view = await until(
      () => `the end of:\n${chat.texts().join('\n')}`,
      500_000,
      async (): Promise<CampaignView | null> => {
        const now = await loadView({ ctx: app.ctx, campaignId });
        return now.finishedAt === null ? null : now;
      },
    );
    expect(view.state, chat.texts().join('\n')).toBe('finished');
    const { bestTest, baselineTest, standardTasks, weightsPath } = view.final as NonNullable<
      CampaignView['final']
    >;
    expect(baselineTest.value).toBe(0);
    expect(bestTest.value).toBeGreaterThan(0.5);
    expect(standardTasks).toMatchObject([{ task: 'caps', metric: 'acc', after: { items: words.length } }]);
    await until('the final message', 20_000, () =>
      chat.texts().some((text) => text.includes('Standard tasks: caps')),
    );
    for (const name of ['model.safetensors', 'config.json', 'tokenizer.json'])
      expect(existsSync(join(dirname(weightsPath), name)), name).toBe(true);
  } finally {
    await stopEverything(app);
  }
});
