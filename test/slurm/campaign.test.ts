import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import type { CampaignView } from '../../src/campaign/view.ts';
import { parseConfig } from '../../src/config.ts';
import { findCampaign } from '../../src/operations/campaign/find-campaign.ts';
import { loadView } from '../../src/operations/campaign/load-view.ts';
import { createRecordingChat } from '../support/recording-chat.ts';
import { type SlurmLab, startSlurm } from '../support/slurm/start-slurm.ts';
import { createPatientEngine, createSmallCatalog } from '../support/small-training.ts';
import { stopEverything } from '../support/stop-everything.ts';
import { until } from '../support/until.ts';

const [channel, user, threadTs] = ['C0TRAINING', 'U0ANA', '1000000000.000100'];
let lab: SlurmLab;
let root: string;

beforeAll(async () => {
  lab = await startSlurm();
  root = mkdtempSync(join(tmpdir(), 'trex-slurm-campaign-'));
});
afterAll(async () => {
  await lab?.stop();
  rmSync(root, { recursive: true, force: true, maxRetries: 10 });
});

test.each(['shared', 'copied'] as const)(
  'a whole campaign trains on Slurm over ssh, files %s',
  { timeout: 300_000 },
  async (files) => {
    const dataDir = join(root, files);
    const { config, secrets } = parseConfig({
      TREX_DATA_DIR: dataDir,
      TREX_PORT: '0',
      TREX_SLOTS: '2',
      TREX_LOG_LEVEL: 'error',
      TREX_CLUSTER: 'slurm',
      TREX_SLURM_HOST: 'login',
      TREX_SLURM_SSH_CONFIG: lab.sshConfig,
      TREX_SLURM_FILES: files,
      TREX_SLURM_DIR: join(root, `cluster-${files}`),
      TREX_SLURM_PARTITION: 'two',
      TREX_SLURM_POLL_SECONDS: '1',
    });
    const chat = createRecordingChat();
    const app: App = await createApp(config, secrets, {
      chat,
      catalog: createSmallCatalog(),
      engine: createPatientEngine(),
    });
    try {
      await app.start();
      await app.bot.message({
        ...{ teamId: 'T0', channel, ts: threadTs, threadTs: null, user },
        ...{ files: [], mentioned: true, direct: false },
        text: 'fine-tune nano on the task date, budget 2 hours, never ask, at most 2 rounds',
      });
      const campaignId = await until('a campaign', 5000, () =>
        findCampaign({ ctx: app.ctx, input: { channel, threadTs } }),
      );
      await until('the brief', 10_000, () => chat.messages.some((m) => m.content.kind === 'brief'));
      expect(await app.bot.start({ campaignId, user })).toEqual({ private: null });
      const view = await until(
        () => `the end of:\n${chat.texts().join('\n')}`,
        200_000,
        async (): Promise<CampaignView | null> => {
          const now = await loadView({ ctx: app.ctx, campaignId });
          return now.finishedAt === null ? null : now;
        },
      );
      expect(view.state, chat.texts().join('\n')).toBe('finished');
      // Trained by Slurm, each run once, and nothing of it is left there.
      const runs = readdirSync(join(dataDir, 'runs'));
      expect(runs.length).toBeGreaterThan(3);
      expect(runs.filter((run) => !run.endsWith('-a1'))).toEqual([]);
      const known = lab.slurm('squeue', '-h', '-t', 'all', '-o', '%j').split('\n');
      for (const run of runs) expect(known.filter((name) => name === run)).toHaveLength(1);
      expect(lab.slurm('squeue', '-h', '-t', 'PENDING,RUNNING').trim()).toBe('');
      expect(await app.ctx.cluster.slots()).toEqual({ total: 2, free: 2 });
    } finally {
      await stopEverything(app);
    }
  },
);
