import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import type { CampaignView } from '../../src/campaign/view.ts';
import { parseConfig } from '../../src/config/config.ts';
import { hashFile } from '../../src/lib/hash-file.ts';
import { findCampaign } from '../../src/operations/view/find-campaign.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { reproduce } from '../../src/reproduce.ts';
import { createPatientEngine } from '../support/patient-engine.ts';
import { createRecordingChat } from '../support/recording-chat.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { type SlurmLab, startSlurm } from '../support/slurm/start-slurm.ts';
import { createSmallCatalog } from '../support/small-catalog.ts';
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
  await removeFolder(root);
});

test.each([
  ['shared', 'fetch'],
  ['copied', 'fetch'],
  ['copied', 'leave'],
] as const)(
  'a whole campaign trains on Slurm over ssh, files %s, weights %s, and its winner is made again there',
  { timeout: 900_000 },
  async (files, weights) => {
    const dataDir = join(root, `${files}-${weights}`);
    const { config, secrets } = parseConfig({
      TREX_DATA_DIR: dataDir,
      TREX_PORT: '0',
      TREX_SLOTS: '2',
      TREX_LOG_LEVEL: 'error',
      TREX_CLUSTER: 'slurm',
      TREX_SLURM_HOST: 'login',
      TREX_SLURM_SSH_CONFIG: lab.sshConfig,
      TREX_SLURM_FILES: files,
      TREX_SLURM_DIR: join(root, `cluster-${files}-${weights}`),
      TREX_SLURM_PARTITION: 'two',
      TREX_SLURM_POLL_SECONDS: '1',
      TREX_WEIGHTS: weights,
      TREX_KEEP_WEIGHTS: 'winner',
      TREX_SHIP_DIR: join(root, `models-${files}-${weights}`),
    });
    const chat = createRecordingChat();
    const app: App = await createApp(config, secrets, {
      chat,
      catalog: createSmallCatalog(200),
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

      const file = app.ctx.engine.weightsFile;
      const place = view.final?.weights;
      expect(place?.check).toBe('verified');
      const isHere = (run: string): boolean => existsSync(join(dataDir, 'runs', run, file));
      if (weights === 'leave') {
        expect(place?.host).toBe('login');
        expect(place?.path.startsWith(join(root, `cluster-${files}-${weights}`, 'runs'))).toBe(true);
        expect(runs.filter(isHere)).toEqual([]);
        await until('the report', 10_000, () =>
          chat.texts().some((text) => text.includes(`scp login:${place?.path} .`)),
        );
      } else {
        expect(place).toMatchObject({ host: null, path: join(dataDir, 'campaigns', campaignId, file) });
      }
      // There and here, only the winner's are left.
      const there =
        files === 'copied' ? join(root, `cluster-${files}-${weights}`, 'runs') : join(dataDir, 'runs');
      const left = (): string[] => readdirSync(there).filter((run) => existsSync(join(there, run, file)));
      await until('the others to go', 30_000, () => left().length === 1);
      expect(left()[0]).toContain(`-n${view.final?.winner}-`);

      await app.bot.ship({ campaignId, kind: 'folder', user });
      const card = await until('the card', 10_000, () => {
        const content = chat.messages.find((m) => m.content.kind === 'shipment')?.content;
        return content?.kind === 'shipment' ? content.shipment : null;
      });
      await app.bot.decideShipment({ shipmentId: card.id, decision: 'approve', user });
      await until(
        () => `the arrival:\n${chat.texts().join('\n')}`,
        30_000,
        () => existsSync(card.terms.place),
      );
      expect((await hashFile(join(card.terms.place, file)))?.sha256).toBe(view.final?.weightsSha256);
      await until('the copy to go', 10_000, () => weights === 'fetch' || runs.filter(isHere).length === 0);

      expect(await reproduce(campaignId, config)).toBe(0);
      expect(lab.slurm('squeue', '-h', '-t', 'PENDING,RUNNING').trim()).toBe('');
    } finally {
      await stopEverything(app);
    }
  },
);
