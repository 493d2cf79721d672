import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type ApprovalConfig, approvalOf } from './approval.ts';
import { type ClusterConfig, clusterOf } from './cluster.ts';
import { type EngineConfig, engineOf } from './engine.ts';
import { badConfig, Environment } from './environment.ts';
import { type ModelConfig, modelOf, type SandboxConfig, sandboxOf } from './model.ts';
import { type SlackConfig, slackOf } from './slack.ts';
import { type WebConfig, webOf } from './web.ts';
import { type ShipConfig, shipOf, type WeightsConfig, weightsOf } from './weights.ts';

export interface Config extends ApprovalConfig {
  dataDir: string;
  web: WebConfig;
  logLevel: string;
  /** Maximum time that a stop may take to end work under way. */
  drainSeconds: number;
  /** Maximum number of concurrent runs. */
  slots: number;
  cluster: ClusterConfig;
  engine: EngineConfig;
  weights: WeightsConfig;
  ship: ShipConfig;
  /** Null: the price is not known, and a budget in dollars cannot be kept. */
  usdPerHour: number | null;
  /** Memory limit of the embedded engine; on GPUs their memory is the limit. */
  runMemoryBytes: number;
  maxDatasetBytes: number;
  summaryMinute: number;
  timeZone: string;
  /**
   * Whether papers, models and data sets are looked up on the internet; `contact` is sent to the services. Null: no.
   */
  research: { contact: string | null } | null;
  /** Null: the Researcher is rule-based. */
  model: ModelConfig | null;
  /** Where code that a language model wrote runs over rows; null: nowhere. */
  sandbox: SandboxConfig | null;
  database: 'pglite' | 'postgres';
  slack: SlackConfig;
}

/** Kept apart from the configuration, which may be logged and shown. */
export interface Secrets {
  databaseUrl: string | null;
  /** Signs the links of the pages. */
  linkSecret: string | null;
  metricsToken: string | null;
  hubToken: string | null;
  semanticScholarKey: string | null;
  slackBotToken: string | null;
  slackSigningSecret: string | null;
  slackAppToken: string | null;
  openaiApiKey: string | null;
}

/**
 * Reads the configuration from an environment.
 * @throws TrexError `bad_config` with a sentence for every variable that is wrong or missing
 */
export function parseConfig(environment: Record<string, string | undefined>): {
  config: Config;
  secrets: Secrets;
} {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    throw badConfig(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const env = parsed.data;
  if (!isTimeZone(env.TREX_TIME_ZONE)) {
    throw badConfig([`TREX_TIME_ZONE: ${env.TREX_TIME_ZONE} is not an IANA zone such as Europe/Berlin`]);
  }
  const [hour = 9, minute = 0] = env.TREX_SUMMARY_AT.split(':').map(Number);
  const config: Config = {
    dataDir: resolve(env.TREX_DATA_DIR),
    web: webOf(env),
    logLevel: env.TREX_LOG_LEVEL,
    drainSeconds: env.TREX_DRAIN_SECONDS,
    slots: env.TREX_SLOTS ?? (env.TREX_CLUSTER === 'local' ? Math.max(1, availableParallelism()) : 4),
    cluster: clusterOf(env),
    engine: engineOf(env),
    weights: weightsOf(env),
    ship: shipOf(env),
    usdPerHour: env.TREX_USD_PER_HOUR === 'unknown' ? null : env.TREX_USD_PER_HOUR,
    runMemoryBytes: Math.round(env.TREX_RUN_MEMORY_MIB * 2 ** 20),
    maxDatasetBytes: Math.round(env.TREX_MAX_DATASET_MB * 1e6),
    summaryMinute: hour * 60 + minute,
    timeZone: env.TREX_TIME_ZONE,
    research: env.TREX_RESEARCH === 'on' ? { contact: env.TREX_CONTACT ?? null } : null,
    ...approvalOf(env),
    model: modelOf(env),
    sandbox: sandboxOf(env),
    database: env.DATABASE_URL === undefined ? 'pglite' : 'postgres',
    slack: slackOf(env),
  };
  const secrets: Secrets = {
    databaseUrl: env.DATABASE_URL ?? null,
    linkSecret: env.TREX_LINK_SECRET ?? null,
    metricsToken: config.web.metrics === 'token' ? (env.TREX_METRICS_TOKEN ?? null) : null,
    hubToken: env.HF_TOKEN ?? null,
    semanticScholarKey: env.SEMANTIC_SCHOLAR_API_KEY ?? null,
    slackBotToken: env.SLACK_BOT_TOKEN ?? null,
    slackSigningSecret: env.SLACK_SIGNING_SECRET ?? null,
    slackAppToken: env.SLACK_APP_TOKEN ?? null,
    openaiApiKey: env.OPENAI_API_KEY ?? null,
  };
  return { config, secrets };
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
