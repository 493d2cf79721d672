import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import type { CampaignView } from '../../src/campaign/view.ts';
import { parseConfig } from '../../src/config/config.ts';
import { findCampaign } from '../../src/operations/view/find-campaign.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { type FakeKubernetes, startKubernetes } from '../support/kubernetes/start-kubernetes.ts';
import { createPatientEngine } from '../support/patient-engine.ts';
import { createRecordingChat } from '../support/recording-chat.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { createSmallCatalog } from '../support/small-catalog.ts';
import { stopEverything } from '../support/stop-everything.ts';
import { until } from '../support/until.ts';

const [channel, user, threadTs] = ['C0TRAINING', 'U0ANA', '1000000000.000100'];
let kubernetes: FakeKubernetes;
let root: string;

beforeAll(async () => {
  kubernetes = await startKubernetes([{ name: 'n1', labels: { pool: 'train' }, cpu: 2, gpus: 0 }]);
  root = mkdtempSync(join(tmpdir(), 'trex-kubernetes-campaign-'));
});
afterAll(async () => {
  await kubernetes?.stop();
  await removeFolder(root);
});

test.runIf(process.platform === 'linux')(
  'a whole campaign trains in pods of a fake Kubernetes, with real training in them',
  { timeout: 200_000 },
  async () => {
    process.env.KUBECONFIG = kubernetes.kubeconfig;
    const dataDir = join(root, 'data');
    const { config, secrets } = parseConfig({
      TREX_DATA_DIR: dataDir,
      TREX_PORT: '0',
      TREX_SLOTS: '2',
      TREX_LOG_LEVEL: 'error',
      TREX_CLUSTER: 'kubernetes',
      TREX_K8S_CONTEXT: 'fake',
      TREX_K8S_IMAGE: 'registry.example.org/trex:1',
      TREX_K8S_CLAIM: 'trex-data',
      TREX_K8S_MOUNT: root,
      TREX_K8S_NODE_SELECTOR: 'pool=train',
      TREX_K8S_CPU: '1',
      TREX_K8S_POLL_SECONDS: '0.3',
    });
    const chat = createRecordingChat();
    const app: App = await createApp(config, secrets, {
      chat,
      catalog: createSmallCatalog(100),
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
        150_000,
        async (): Promise<CampaignView | null> => {
          const now = await loadView({ ctx: app.ctx, campaignId });
          return now.finishedAt === null ? null : now;
        },
      );
      expect(view.state, chat.texts().join('\n')).toBe('finished');
      // Each run is one Job that Kubernetes calls complete, trained once, in a pod.
      const runs = readdirSync(join(dataDir, 'runs'));
      expect(runs.length).toBeGreaterThan(3);
      expect(runs.filter((run) => !run.endsWith('-a1'))).toEqual([]);
      expect([...kubernetes.jobs.keys()].sort()).toEqual(runs.sort());
      await until('the end of all pods', 5000, () =>
        [...kubernetes.pods.values()].every(({ status }) => status.phase === 'Succeeded'),
      );
      for (const run of runs) {
        const { pod } = JSON.parse(readFileSync(join(dataDir, 'runs', run, 'claim.json'), 'utf8'));
        expect(kubernetes.pods.has(pod)).toBe(true);
      }
      expect(await app.ctx.cluster.slots()).toEqual({ total: 2, free: 2 });
    } finally {
      await stopEverything(app);
    }
  },
);
