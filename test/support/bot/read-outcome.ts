import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createApp } from '../../../src/app.ts';
import type { CampaignView } from '../../../src/campaign/view.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { loadView } from '../../../src/operations/view/load-view.ts';
import { readHealth } from '../../../src/operations/view/read-health.ts';
import { listEvents } from '../../../src/store/events.ts';
import { listJobs } from '../../../src/store/jobs.ts';
import { listOutbox } from '../../../src/store/outbox.ts';
import { listTrials } from '../../../src/store/trials.ts';
import { createRecordingChat } from '../recording-chat.ts';

/** The outcome of a campaign, read from its database when no bot runs. */
export async function readOutcome(options: {
  dataDir: string;
  databaseUrl?: string | undefined;
  campaignId: string;
}) {
  const { dataDir, databaseUrl, campaignId } = options;
  const { config, secrets } = parseConfig({
    TREX_DATA_DIR: dataDir,
    TREX_LOG_LEVEL: 'silent',
    TREX_SLOTS: '1',
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  });
  const app = await createApp(config, secrets, { chat: createRecordingChat() });
  try {
    const { db } = app.ctx;
    const [view, jobs, trials, events, outbox, health] = await Promise.all([
      loadView({ ctx: app.ctx, campaignId }),
      listJobs(db, campaignId),
      listTrials(db, campaignId),
      listEvents(db, campaignId),
      listOutbox(db, campaignId),
      readHealth({ ctx: app.ctx }),
    ]);
    return { view, jobs, trials, events, outbox, health, runDirs: readdirSync(join(dataDir, 'runs')).sort() };
  } finally {
    await app.stop();
  }
}

export type Outcome = Awaited<ReturnType<typeof readOutcome>>;

/** The parts of a tree that must not depend on times. */
export function treeOf({ view, trials }: Outcome): unknown {
  return {
    nodes: view.nodes.map((n: CampaignView['nodes'][number]) => ({
      ...{ number: n.number, parent: n.parent, state: n.state, title: n.title },
      ...{ score: n.score, delta: n.delta, bestTrial: n.bestTrial, diagnosis: n.diagnosis },
    })),
    trials: trials
      .map((t) => [t.index, t.purpose, t.state, t.specHash, t.outcome?.weightsSha256 ?? null])
      .sort(),
    insights: view.insights,
    winner: [view.final?.winner, view.final?.winnerTrial, view.final?.weightsSha256],
    test: [view.final?.baselineTest, view.final?.bestTest, view.final?.testDifference],
    confirmations: view.final?.confirmations,
  };
}
