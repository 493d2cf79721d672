import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { TrexError } from './lib/errors.ts';
import { parseLimit } from './lib/parse/amounts.ts';

const text = z.string().trim().min(1);
const positive = z.coerce.number().positive();

/** The environment, read here and nowhere else. Unset means the embedded default. */
const Environment = z.object({
  TREX_DATA_DIR: text.default('.trex'),
  TREX_PORT: z.coerce.number().int().min(0).max(65_535).default(3210),
  TREX_HOST: text.default('127.0.0.1'),
  TREX_PUBLIC_URL: z.url().optional(),
  TREX_DRAIN_SECONDS: positive.max(3600).default(20),
  TREX_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  TREX_SLOTS: z.coerce.number().int().min(1).max(256).optional(),
  TREX_USD_PER_HOUR: z.union([z.literal('unknown'), z.coerce.number().nonnegative()]).default(0),
  TREX_RUN_MEMORY_MIB: positive.default(512),
  TREX_MAX_DATASET_MB: positive.default(100),
  TREX_SUMMARY_AT: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a local time such as 09:00')
    .default('09:00'),
  TREX_TIME_ZONE: text.default('UTC'),
  TREX_APPROVERS: z.string().default(''),
  TREX_TWO_APPROVERS_ABOVE: text.optional(),
  TREX_NO_SELF_APPROVAL: z.enum(['true', 'false']).default('false'),
  DATABASE_URL: text.optional(),
  SLACK_BOT_TOKEN: text.optional(),
  SLACK_SIGNING_SECRET: text.optional(),
  SLACK_APP_TOKEN: text.optional(),
  SLACK_API_URL: z.url().optional(),
  SLACK_HOST: text.default('0.0.0.0'),
  SLACK_PORT: z.coerce.number().int().min(0).max(65_535).default(3212),
  LOCAL_SLACK: text.optional(),
  LOCAL_SLACK_PORT: z.coerce.number().int().min(0).max(65_535).default(3211),
});

/** Every variable with its default; null where there is none. What the documents have to list. */
export const variables: Record<string, string | number | null> = Object.fromEntries(
  Object.keys(Environment.shape).map((name) => [
    name,
    Environment.parse({})[name as keyof z.infer<typeof Environment>] ?? null,
  ]),
);

export interface Config {
  dataDir: string;
  web: { host: string; port: number; publicUrl: string | null };
  logLevel: string;
  /** How long a stop may take to end what is under way. */
  drainSeconds: number;
  slots: number;
  /** Null: the price is not known, and a budget in dollars cannot be kept. */
  usdPerHour: number | null;
  runMemoryBytes: number;
  maxDatasetBytes: number;
  summaryMinute: number;
  timeZone: string;
  approvers: string[];
  /** What may cost more than either limit needs two approvers; both null: one is always enough. */
  twoApproversAbove: { computeSeconds: number | null; usd: number | null };
  noSelfApproval: boolean;
  database: 'pglite' | 'postgres';
  slack:
    | { kind: 'local'; binary: string | null; port: number }
    | { kind: 'http'; host: string; port: number; apiUrl: string | null }
    | { kind: 'socket'; apiUrl: string | null };
}

/** Kept apart from the configuration, which may be logged and shown. */
export interface Secrets {
  databaseUrl: string | null;
  slackBotToken: string | null;
  slackSigningSecret: string | null;
  slackAppToken: string | null;
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
    web: {
      host: env.TREX_HOST,
      port: env.TREX_PORT,
      publicUrl: env.TREX_PUBLIC_URL?.replace(/\/$/, '') ?? null,
    },
    logLevel: env.TREX_LOG_LEVEL,
    drainSeconds: env.TREX_DRAIN_SECONDS,
    slots: env.TREX_SLOTS ?? Math.max(1, availableParallelism()),
    usdPerHour: env.TREX_USD_PER_HOUR === 'unknown' ? null : env.TREX_USD_PER_HOUR,
    runMemoryBytes: Math.round(env.TREX_RUN_MEMORY_MIB * 2 ** 20),
    maxDatasetBytes: Math.round(env.TREX_MAX_DATASET_MB * 1e6),
    summaryMinute: hour * 60 + minute,
    timeZone: env.TREX_TIME_ZONE,
    ...approvalOf(env),
    database: env.DATABASE_URL === undefined ? 'pglite' : 'postgres',
    slack: slackOf(env),
  };
  const secrets: Secrets = {
    databaseUrl: env.DATABASE_URL ?? null,
    slackBotToken: env.SLACK_BOT_TOKEN ?? null,
    slackSigningSecret: env.SLACK_SIGNING_SECRET ?? null,
    slackAppToken: env.SLACK_APP_TOKEN ?? null,
  };
  return { config, secrets };
}

function approvalOf(
  env: z.infer<typeof Environment>,
): Pick<Config, 'approvers' | 'twoApproversAbove' | 'noSelfApproval'> {
  const approvers = [...new Set(env.TREX_APPROVERS.split(/[\s,]+/).filter((id) => id !== ''))];
  const line = env.TREX_TWO_APPROVERS_ABOVE;
  const limit = line === undefined ? { computeSeconds: null, usd: null } : parseLimit(line);
  if (limit === null) {
    throw badConfig([
      `TREX_TWO_APPROVERS_ABOVE: ${line} is not an amount such as \`30 min\`, \`$20\` or \`30 min, $20\``,
    ]);
  }
  if (limit.usd !== null && !(Number(env.TREX_USD_PER_HOUR) > 0)) {
    throw badConfig([
      'TREX_TWO_APPROVERS_ABOVE is in dollars, and an hour has no price. Set TREX_USD_PER_HOUR, or give minutes',
    ]);
  }
  if (line !== undefined && approvers.length === 1) {
    throw badConfig([
      'TREX_TWO_APPROVERS_ABOVE asks for two people, and TREX_APPROVERS names one. Name another, or leave it empty for everybody',
    ]);
  }
  return { approvers, twoApproversAbove: limit, noSelfApproval: env.TREX_NO_SELF_APPROVAL === 'true' };
}

function slackOf(env: z.infer<typeof Environment>): Config['slack'] {
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken } = env;
  const apiUrl = env.SLACK_API_URL ?? null;
  if (botToken === undefined) {
    const orphan =
      appToken !== undefined
        ? 'SLACK_APP_TOKEN'
        : signingSecret !== undefined
          ? 'SLACK_SIGNING_SECRET'
          : null;
    if (orphan !== null) {
      throw badConfig([
        `SLACK_BOT_TOKEN is missing, and ${orphan} is set. Set both for real Slack, or none for the local workspace`,
      ]);
    }
    return { kind: 'local', binary: env.LOCAL_SLACK ?? null, port: env.LOCAL_SLACK_PORT };
  }
  if (!botToken.startsWith('xoxb-'))
    throw badConfig(['SLACK_BOT_TOKEN must be a bot token (it starts with xoxb-)']);
  if (appToken !== undefined) {
    if (!appToken.startsWith('xapp-'))
      throw badConfig(['SLACK_APP_TOKEN must be an app-level token (it starts with xapp-)']);
    return { kind: 'socket', apiUrl };
  }
  if (signingSecret === undefined) {
    throw badConfig([
      'SLACK_SIGNING_SECRET is missing. Set it for signed HTTP (the usual way), or SLACK_APP_TOKEN for Socket Mode behind a firewall',
    ]);
  }
  return { kind: 'http', host: env.SLACK_HOST, port: env.SLACK_PORT, apiUrl };
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const badConfig = (problems: string[]): TrexError =>
  new TrexError(
    'bad_config',
    'config',
    `The configuration cannot be used:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
  );
