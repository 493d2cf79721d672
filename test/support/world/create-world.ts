import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../../src/lib/log.ts';
import { createFileBlobs } from '../../../src/operations/blobs.ts';
import type { Bot, IncomingMessage } from '../../../src/operations/bot.ts';
import type { Context } from '../../../src/operations/context.ts';
import { createBot } from '../../../src/operations/create-bot.ts';
import { createPace, deliverMessages } from '../../../src/operations/delivery/deliver-messages.ts';
import { createHealth } from '../../../src/operations/health.ts';
import { harvestJobs } from '../../../src/operations/jobs/harvest-jobs.ts';
import { pollJobs } from '../../../src/operations/jobs/poll-jobs.ts';
import { submitJobs } from '../../../src/operations/jobs/submit-jobs.ts';
import { tellWaits } from '../../../src/operations/jobs/tell-waits.ts';
import { watchJobs } from '../../../src/operations/jobs/watch-jobs.ts';
import { shipDue } from '../../../src/operations/shipping/ship-due.ts';
import { advanceCampaign } from '../../../src/operations/tree/advance-campaign.ts';
import { decideDiscards } from '../../../src/operations/weights/decide-discards.ts';
import { discardFiles } from '../../../src/operations/weights/discard-files.ts';
import { createRulesResearcher } from '../../../src/researcher/rules/rules-researcher.ts';
import { getCampaign, listMovingCampaigns } from '../../../src/store/campaigns.ts';
import type { Db } from '../../../src/store/db.ts';
import { createFakeCatalog } from './fake-catalog.ts';
import { createFakeChat, type FakeChat } from './fake-chat.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeTraining, type FakeCluster } from './fake-training.ts';

export const channel = 'C1';
export const team = 'T1';

/** The whole bot on a clock, a chat and a cluster of the test, over a real database. */
export interface World {
  ctx: Context;
  bot: Bot;
  clock: FakeClock;
  chat: FakeChat;
  cluster: FakeCluster;
  /** A person writes; a mention unless the options say otherwise. @returns the ts of the message */
  say(text: string, options?: Partial<IncomingMessage>): Promise<string>;
  /** A person writes a command that needs a confirmation, and presses the first button of the question. */
  order(text: string, options?: Partial<IncomingMessage>): Promise<string>;
  /** One pass of every loop, then `ms` of time. */
  step(ms?: number): Promise<void>;
  /** Aborting it stops shipments, as when the bot stops. */
  stop: AbortController;
  /** Steps until `isSo`. @throws after `maxSteps` steps */
  until(what: string, isSo: () => boolean | Promise<boolean>, maxSteps?: number): Promise<void>;
  /**
   * Steps until the campaign has finished, each as far as the next run's end: a test that waits for the end needs no steps
   * within a run, and each costs statements. @throws after 300 steps
   */
  finish(campaignId: string): Promise<void>;
  /** U1 presses Start; where others must agree, all who may do so approve until it runs. */
  start(campaignId: string): Promise<void>;
  /** Writes a request for the fake task and presses Start. @returns the campaign's id */
  begin(request?: string): Promise<string>;
  dispose(): void;
}

export function createWorld(
  db: Db,
  options: {
    slots?: number;
    times?: number;
    standardSeconds?: number;
    formula?: number;
    settings?: Partial<Context['settings']>;
    shipTargets?: Context['shipTargets'];
  } = {},
): World {
  const clock = createFakeClock();
  const chat = createFakeChat(clock);
  const slots = options.slots ?? 2;
  const catalog = createFakeCatalog();
  const { standardSeconds, formula } = options;
  const { engine, cluster } = createFakeTraining(clock, {
    slots,
    times: options.times ?? 1,
    ...(standardSeconds === undefined ? {} : { standardSeconds }),
    ...(formula === undefined ? {} : { formula }),
  });
  const dataDir = mkdtempSync(join(tmpdir(), 'trex-world-'));
  let ids = 0;
  let sequence = 0;
  const ctx: Context = {
    db,
    clock,
    log: silentLog,
    settings: {
      usdPerHour: 0,
      slots,
      memoryLimitBytes: 0,
      maxDatasetBytes: 1e8,
      summaryMinute: 9 * 60,
      defaultTimeZone: 'UTC',
      deliverGapMs: 0,
      progressGapMs: 0,
      dataDir,
      publicUrl: null,
      linkSigner: null,
      pictureMode: 'none',
      approvers: [],
      twoApproversAbove: { computeSeconds: null, usd: null },
      noSelfApproval: false,
      keepWeights: { best: true, finalists: true, last: 3 },
      fetchWeights: true,
      license: null,
      ...options.settings,
    },
    researcher: createRulesResearcher(),
    research: null,
    sandbox: null,
    cluster,
    engine,
    catalog,
    chat,
    shipTargets: options.shipTargets ?? [],
    blobs: createFileBlobs(join(dataDir, 'blobs')),
    newId: (prefix) => `${prefix}-${String(++ids).padStart(4, '0')}`,
    health: createHealth(clock),
    weightsPace: new Map(),
    confirmLease: async () => {},
    rasterise: async () => new Uint8Array([137, 80, 78, 71]),
  };
  const bot = createBot(ctx);
  const pace = createPace();
  const world: World = {
    ctx,
    bot,
    clock,
    chat,
    cluster,
    stop: new AbortController(),
    say: async (text, over = {}) => {
      const ts = over.ts ?? `${Math.floor(clock.now().getTime() / 1000)}.${String(900_000 + ++sequence)}`;
      const message: IncomingMessage = {
        teamId: team,
        channel,
        ts,
        threadTs: null,
        user: 'U1',
        text,
        files: [],
        mentioned: true,
        direct: false,
        ...over,
      };
      await bot.message(message);
      return ts;
    },
    order: async (text, over = {}) => {
      const ts = await world.say(text, over);
      for (let i = 0; i < 20 && (await deliverMessages({ ctx, pace })) > 0; i++);
      const card = chat.ofKind('confirmation').find((one) => one.confirmationId.startsWith(ts));
      if (card === undefined || card.closed !== null) return ts;
      const { campaignId, confirmationId, choices } = card;
      const choice = choices[0]?.value ?? '';
      await bot.confirm({ campaignId, confirmationId, choice, user: over.user ?? 'U1' });
      return ts;
    },
    step: async (ms = 1000) => {
      await submitJobs({ ctx });
      await pollJobs({ ctx });
      await watchJobs({ ctx });
      await harvestJobs({ ctx });
      await tellWaits({ ctx });
      for (const { id } of await listMovingCampaigns(ctx.db)) {
        await advanceCampaign({ ctx, campaignId: id });
      }
      await decideDiscards({ ctx });
      await discardFiles({ ctx });
      await shipDue({ ctx, signal: world.stop.signal });
      for (let i = 0; i < 20 && (await deliverMessages({ ctx, pace })) > 0; i++);
      clock.advance(ms);
    },
    until: (what, isSo, maxSteps = 400) => stepUntil(world, isSo, { what, max: maxSteps, ms: () => 1000 }),
    finish: (campaignId) =>
      stepUntil(world, async () => (await getCampaign(db, campaignId)).state === 'finished', {
        what: 'the end',
        max: 300,
        ms: () => {
          const end = cluster.nextEnd();
          return end === null ? 1000 : Math.min(60_000, Math.max(1, end - clock.now().getTime()));
        },
      }),
    start: (campaignId) => startAsPeopleDo(world, campaignId),
    begin: async (request = 'teach upper, exact match, budget 10 minutes, no need to ask, full only') => {
      await world.say(request);
      await world.until('a brief card', () => chat.last('brief') !== undefined, 5);
      const card = chat.last('brief')?.content;
      if (card?.kind !== 'brief') throw new Error('no brief');
      await world.start(card.campaignId);
      return card.campaignId;
    },
    dispose: () => rmSync(dataDir, { recursive: true, force: true }),
  };
  return world;
}

async function stepUntil(
  { step, chat }: World,
  isSo: () => boolean | Promise<boolean>,
  { what, max, ms }: { what: string; max: number; ms: () => number },
): Promise<void> {
  for (let i = 0; i < max; i++) {
    if (await isSo()) return;
    await step(ms());
  }
  throw new Error(`not after ${max} steps: ${what}\n${transcript(chat)}`);
}

async function startAsPeopleDo({ bot, chat, ctx, step }: World, campaignId: string): Promise<void> {
  await bot.start({ campaignId, user: 'U1' });
  const isReady = async (): Promise<boolean> => (await getCampaign(ctx.db, campaignId)).state === 'ready';
  for (const user of [...ctx.settings.approvers, 'U2', 'U3']) {
    if (!(await isReady())) return;
    await step();
    const request =
      chat.ofKind('start_request').find((one) => one.campaignId === campaignId)?.questionId ?? '';
    await bot.decideStart({ campaignId, request, decision: 'approve', user });
  }
  if (await isReady()) throw new Error(`nobody could start ${campaignId}`);
}

/** The messages of the chat, for the error of a failing test. */
export function transcript(chat: FakeChat): string {
  return chat.messages
    .map(({ content }) => ('text' in content ? `${content.kind}: ${content.text}` : content.kind))
    .join('\n');
}
