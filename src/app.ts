import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openCluster } from './cluster/open-cluster.ts';
import type { Cluster } from './cluster/port.ts';
import type { Config, Secrets } from './config/config.ts';
import type { Engine } from './executor/engine.ts';
import { createNanoCatalog } from './executor/nano-catalog.ts';
import { memoryLimitOf, openEngine } from './executor/open-engine.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { TrexError } from './lib/errors.ts';
import { createLog, type Log } from './lib/log.ts';
import { createLinkSigner } from './lib/signed-link.ts';
import { createFileBlobs } from './operations/blobs.ts';
import type { Bot } from './operations/bot.ts';
import type { Chat } from './operations/chat.ts';
import type { Context } from './operations/context.ts';
import { createBot } from './operations/create-bot.ts';
import { checkThreads } from './operations/delivery/check-threads.ts';
import { createHealth } from './operations/health.ts';
import { consumeClick } from './operations/inbox/consume-click.ts';
import { pruneInbox } from './operations/inbox/prune-inbox.ts';
import { createEventStore } from './operations/inbox/store-event.ts';
import type { DataCatalog } from './recipe/types.ts';
import { rasterise } from './report/rasterise.ts';
import { createModel } from './researcher/model/ask.ts';
import { createChat as createModelChat } from './researcher/model/client.ts';
import { createOpenAiResearcher } from './researcher/openai-researcher.ts';
import type { Researcher } from './researcher/port.ts';
import { createResearch } from './researcher/research/create-research.ts';
import { createFetcher } from './researcher/research/fetcher.ts';
import type { Research } from './researcher/research/port.ts';
import { publicServices } from './researcher/research/public-services.ts';
import { createFileCache } from './researcher/research/response-cache.ts';
import { createRulesResearcher } from './researcher/rules/rules-researcher.ts';
import { createSandbox } from './sandbox/create-sandbox.ts';
import type { Sandbox } from './sandbox/port.ts';
import { createScheduler, type Scheduler } from './scheduler/create-scheduler.ts';
import { createInboxLoop } from './scheduler/inbox-loop.ts';
import type { Loop } from './scheduler/loop.ts';
import { defaultLeaseMs } from './scheduler/with-lease.ts';
import type { ShipTarget } from './shipping/port.ts';
import { createFolderTarget } from './shipping/ship-to-folder.ts';
import { createHubTarget } from './shipping/ship-to-hub.ts';
import { createChat } from './slack/chat.ts';
import { createSlack, type Slack, type SlackOptions } from './slack/create-slack.ts';
import { type LocalWorkspace, startLocalWorkspace } from './slack/local-workspace.ts';
import type { Database } from './store/db.ts';
import { releaseInbox } from './store/inbox.ts';
import { openPglite } from './store/open-pglite.ts';
import { openPostgres } from './store/open-postgres.ts';
import { releaseOutbox } from './store/outbox.ts';
import { prepareDataDir } from './store/prepare-data-dir.ts';
import { startWeb, type Web } from './web/create-web.ts';
import type { MetricsAccess } from './web/metrics-routes.ts';

/** Replacements for any part of the outside world: tests, simulations and other frontends. */
export interface Overrides {
  clock?: Clock;
  log?: Log;
  database?: Database;
  cluster?: Cluster;
  engine?: Engine;
  catalog?: DataCatalog;
  researcher?: Researcher;
  research?: Research;
  sandbox?: Sandbox;
  chat?: Chat;
  shipTargets?: Context['shipTargets'];
  newId?: Context['newId'];
  /** How long a dead instance delays the others, milliseconds. */
  leaseMs?: number;
}

export interface App {
  ctx: Context;
  bot: Bot;
  scheduler: Scheduler;
  /** The page of the local workspace; null with real Slack. */
  workspace: LocalWorkspace | null;
  web: Web | null;
  /** Starts to accept requests and to advance campaigns. Resolves when all parts answer. */
  start(): Promise<void>;
  /**
   * Drains: accepts no new events, waits for passes under way, then closes connections. Jobs on the cluster continue.
   */
  stop(): Promise<void>;
}

/** Builds the whole bot. The only place that names concrete adapters. */
export async function createApp(config: Config, secrets: Secrets, overrides: Overrides = {}): Promise<App> {
  const clock = overrides.clock ?? systemClock;
  const log = overrides.log ?? createLog(config.logLevel);
  const { isOpenToOthers } = await prepareDataDir(config.dataDir);
  if (isOpenToOthers) log.warn({ dataDir: config.dataDir }, 'data_dir.open_to_others');
  const database = overrides.database ?? (await openDatabase(config, secrets));
  const workspace =
    config.slack.kind === 'local' && overrides.chat === undefined
      ? await startLocalWorkspace({
          dir: join(config.dataDir, 'workspace'),
          port: config.slack.port,
          ...(config.slack.binary === null ? {} : { binary: config.slack.binary }),
        })
      : null;
  const slackAccess = accessOf(config, secrets, workspace);
  const stopping = new AbortController();
  const engine = overrides.engine ?? openEngine(config.engine);
  const cluster =
    overrides.cluster ??
    (await openCluster(config.cluster, {
      stateDir: join(config.dataDir, 'cluster'),
      gpus: config.engine.kind === 'gpu' ? config.engine.gpus : 0,
      slots: config.slots,
      lazyFiles: [engine.weightsFile],
      log,
      clock,
    }));
  const ctx: Context = {
    db: database.db,
    clock,
    log,
    settings: {
      usdPerHour: config.usdPerHour,
      slots: config.slots,
      memoryLimitBytes: memoryLimitOf(config.engine) ?? config.runMemoryBytes,
      maxDatasetBytes: config.maxDatasetBytes,
      summaryMinute: config.summaryMinute,
      defaultTimeZone: config.timeZone,
      // Slack allows about one message a second and channel; the local workspace has no such limit.
      deliverGapMs: config.slack.kind === 'local' ? 100 : 1100,
      progressGapMs: config.slack.kind === 'local' ? 2000 : 4000,
      dataDir: config.dataDir,
      publicUrl: config.web.publicUrl,
      linkSigner:
        config.web.linkDays === null
          ? null
          : createLinkSigner(need(secrets.linkSecret, 'TREX_LINK_SECRET'), config.web.linkDays),
      pictureMode: config.slack.kind === 'local' ? 'url' : 'upload',
      approvers: config.approvers,
      twoApproversAbove: config.twoApproversAbove,
      noSelfApproval: config.noSelfApproval,
      keepWeights: config.weights.keep,
      fetchWeights: config.weights.fetch,
      license: config.ship.license,
    },
    researcher:
      overrides.researcher ?? createResearcher(config, secrets, { clock, log, stop: stopping.signal }),
    research: overrides.research ?? openResearch(config, secrets, clock),
    sandbox: overrides.sandbox ?? openSandbox(config, { clock, log }),
    cluster,
    engine,
    catalog: overrides.catalog ?? createNanoCatalog(),
    shipTargets: overrides.shipTargets ?? openShipTargets(config, secrets),
    chat: overrides.chat ?? createChat({ ...slackAccess, log }),
    blobs: createFileBlobs(join(config.dataDir, 'blobs')),
    newId: overrides.newId ?? ((prefix) => `${prefix}-${randomBytes(4).toString('hex').slice(0, 6)}`),
    health: createHealth(clock),
    weightsPace: new Map(),
    confirmLease: async () => {},
    rasterise,
  };
  const bot = createBot(ctx);
  const scheduler = createScheduler(
    ctx,
    // The folder lock lets only one process use an embedded database, so a restart takes over its own leases at once.
    database.kind === 'pglite'
      ? 'embedded'
      : `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`,
    {
      pollMs: config.cluster.kind === 'local' ? 300 : config.cluster.pollMs,
      advanceMs: 300,
      deliverMs: config.slack.kind === 'local' ? 60 : 250,
      weightsMs: 10_000,
      shipMs: 2000,
      healthMs: 15_000,
      leaseMs: overrides.leaseMs ?? defaultLeaseMs,
    },
    async () => {
      await pruneInbox({ ctx });
      await database.tidy();
    },
  );
  const slack =
    overrides.chat === undefined
      ? connect(
          config,
          secrets,
          { ...slackAccess, localAppToken: workspace?.appToken ?? null },
          {
            bot,
            log,
            onEvent: createEventStore(ctx, () => inbox?.wake()),
            onClick: (key) => consumeClick({ ctx, input: { key } }),
          },
        )
      : null;
  const inbox: Loop | null =
    slack === null
      ? null
      : createInboxLoop({
          ctx,
          everyMs: config.slack.kind === 'local' ? 200 : 500,
          handle: slack.handleEvent,
        });
  let web: Web | null = null;
  let ready = false;

  const app: App = {
    ctx,
    bot,
    scheduler,
    workspace,
    get web() {
      return web;
    },
    start: async () => {
      const { host, port } = config.web;
      web = await startWeb({
        ctx,
        host,
        port,
        metrics: metricsAccess(config, secrets),
        isReady: () => ready,
      });
      // Without an address of its own, the bot's pictures are seen by browsers on this machine: the local workspace.
      ctx.settings.publicUrl ??= workspace === null ? null : web.url;
      // No other process can be using an embedded database: the events that an earlier process was handling are free at
      // once.
      if (database.kind === 'pglite' && overrides.database === undefined) {
        await releaseInbox(database.db);
        await releaseOutbox(database.db);
      }
      if (workspace !== null) await checkThreads({ ctx });
      // Tried now, so that the log reports a broken sandbox early; nothing waits for it.
      void ctx.sandbox?.problem();
      await slack?.start();
      inbox?.start();
      scheduler.start();
      ready = true;
    },
    stop: async () => {
      ready = false;
      // A model call takes minutes; the rules complete the step that is under way.
      stopping.abort();
      // Events of these seconds are stored, and handled at the next start.
      await inbox?.stop();
      await slack?.stop();
      // The research may be waiting for a slow service; the next start begins it again.
      await ctx.research?.close();
      await scheduler.stop();
      await web?.stop();
      if (overrides.database === undefined) await database.close();
    },
  };
  return app;
}

function metricsAccess({ web }: Config, { metricsToken }: Secrets): MetricsAccess {
  return web.metrics === 'token'
    ? { kind: 'token', token: need(metricsToken, 'TREX_METRICS_TOKEN') }
    : { kind: web.metrics };
}

function openShipTargets({ ship }: Config, { hubToken }: Secrets): ShipTarget[] {
  const { folder, hub, license } = ship;
  return [
    ...(hub === null ? [] : [createHubTarget({ ...hub, license, token: need(hubToken, 'HF_TOKEN') })]),
    ...(folder === null ? [] : [createFolderTarget({ dir: folder, license })]),
  ];
}

/** Public services, within their rate limits, with a cache of one day on disk. */
function openResearch(config: Config, secrets: Secrets, clock: Clock): Research | null {
  if (config.research === null) return null;
  const { contact } = config.research;
  const services = publicServices(secrets.semanticScholarKey);
  const fetcher = createFetcher({
    services: Object.values(services),
    userAgent: contact === null ? 'trex-bot' : `trex-bot (${contact})`,
    clock,
    cache: createFileCache(join(config.dataDir, 'research'), { maxAgeMs: 24 * 3600_000, most: 2000 }),
  });
  return createResearch(fetcher, services);
}

function openSandbox({ sandbox, dataDir }: Config, outside: { clock: Clock; log: Log }): Sandbox | null {
  return sandbox === null ? null : createSandbox({ ...sandbox, dir: join(dataDir, 'sandbox'), ...outside });
}

function createResearcher(
  { model }: Config,
  { openaiApiKey }: Secrets,
  outside: { clock: Clock; log: Log; stop: AbortSignal },
): Researcher {
  const rules = createRulesResearcher();
  if (model === null) return rules;
  const chat = createModelChat({ baseUrl: model.baseUrl, apiKey: openaiApiKey });
  const { timeoutMs, retries, maxOutputTokens, promptTokens, cap } = model;
  const modelOf = (which: 'strong' | 'small') =>
    createModel(chat, { ...model[which], timeoutMs, retries, maxOutputTokens, cap }, outside);
  const strong = modelOf('strong');
  const small = model.small.model === model.strong.model ? strong : modelOf('small');
  return createOpenAiResearcher({ strong, small, rules, promptTokens, ...outside });
}

async function openDatabase(config: Config, secrets: Secrets): Promise<Database> {
  if (config.database === 'pglite') return openPglite(join(config.dataDir, 'db'));
  return openPostgres(need(secrets.databaseUrl, 'DATABASE_URL'));
}

interface SlackAccess {
  botToken: string;
  apiUrl?: string;
}

function accessOf(config: Config, secrets: Secrets, workspace: LocalWorkspace | null): SlackAccess {
  if (workspace !== null) return { botToken: workspace.botToken, apiUrl: workspace.apiUrl };
  if (config.slack.kind === 'local') return { botToken: '' };
  const botToken = need(secrets.slackBotToken, 'SLACK_BOT_TOKEN');
  return config.slack.apiUrl === null ? { botToken } : { botToken, apiUrl: config.slack.apiUrl };
}

function connect(
  config: Config,
  secrets: Secrets,
  { localAppToken, ...access }: SlackAccess & { localAppToken: string | null },
  inward: Pick<SlackOptions, 'bot' | 'log' | 'onEvent' | 'onClick'>,
): Slack {
  if (config.slack.kind === 'http') {
    const signingSecret = need(secrets.slackSigningSecret, 'SLACK_SIGNING_SECRET');
    const { host, port } = config.slack;
    return createSlack({ connection: { mode: 'http', signingSecret, host, port }, ...access, ...inward });
  }
  const appToken = localAppToken ?? need(secrets.slackAppToken, 'SLACK_APP_TOKEN');
  return createSlack({ connection: { mode: 'socket', appToken }, ...access, ...inward });
}

function need(value: string | null, name: string): string {
  if (value === null) throw new TrexError('bad_config', 'config', `${name} is missing.`);
  return value;
}
