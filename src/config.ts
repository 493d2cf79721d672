import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { TrexError } from './lib/errors.ts';
import { parseLimit } from './lib/parse/amounts.ts';
import { type KeepPolicy, parseKeepPolicy } from './lib/parse/keep-policy.ts';

const text = z.string().trim().min(1);
const positive = z.coerce.number().positive();
const k8sName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be a name as Kubernetes knows it');
/** They stand in batch scripts as they are. */
const slurmName = z.string().regex(/^[\w.,:+-]+$/, 'must be a name as Slurm knows it');
const clusterFolder = z
  .string()
  .regex(/^\/[\w./+@-]*$/, 'must be an absolute path of letters, digits and . _ + @ -');

/** The environment, read here and nowhere else. Unset means the embedded default. */
const Environment = z.object({
  TREX_DATA_DIR: text.default('.trex'),
  TREX_PORT: z.coerce.number().int().min(0).max(65_535).default(3210),
  TREX_HOST: text.default('127.0.0.1'),
  TREX_PUBLIC_URL: z.url().optional(),
  TREX_DRAIN_SECONDS: positive.max(3600).default(20),
  TREX_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  TREX_SLOTS: z.coerce.number().int().min(1).max(256).optional(),
  TREX_CLUSTER: z.enum(['local', 'slurm', 'kubernetes']).default('local'),
  TREX_SLURM_HOST: z
    .string()
    .regex(/^[\w.@][\w.@-]*$/, 'must be a host as for ssh: an alias, or user@host')
    .optional(),
  TREX_SLURM_SSH_CONFIG: text.optional(),
  TREX_SLURM_FILES: z.enum(['shared', 'copied']).default('shared'),
  TREX_SLURM_DIR: clusterFolder.optional(),
  TREX_SLURM_PATH: clusterFolder.optional(),
  TREX_SLURM_PARTITION: slurmName.optional(),
  TREX_SLURM_ACCOUNT: slurmName.optional(),
  TREX_SLURM_QOS: slurmName.optional(),
  TREX_SLURM_GRES: slurmName.default('gpu'),
  TREX_SLURM_SBATCH: z
    .string()
    .regex(/^\s*--[^\n]*$/, 'must be options such as `--constraint=a100; --mem=64G`')
    .optional(),
  TREX_SLURM_SETUP: text.optional(),
  TREX_SLURM_CONTAINER: text.optional(),
  TREX_SLURM_POLL_SECONDS: positive.max(600).default(30),
  TREX_SLURM_FETCH_MB: positive.default(2000),
  TREX_K8S_CONTEXT: text.optional(),
  TREX_K8S_NAMESPACE: k8sName.optional(),
  TREX_K8S_IMAGE: z
    .string()
    .regex(/^[\w][\w./:@-]*$/, 'must be an image such as registry.example.org/trex:1.2')
    .optional(),
  TREX_K8S_CLAIM: k8sName.optional(),
  TREX_K8S_MOUNT: clusterFolder.optional(),
  TREX_K8S_QUEUE: k8sName.optional(),
  TREX_K8S_NODE_SELECTOR: z
    .string()
    .regex(
      /^\s*[\w./-]+=[\w.-]*(\s*,\s*[\w./-]+=[\w.-]*)*\s*$/,
      'must be labels such as `gpu=h100, pool=train`',
    )
    .optional(),
  TREX_K8S_TOLERATIONS: z
    .string()
    .regex(
      /^\s*[\w./-]+(=[\w.-]*)?(:\w+)?(\s*,\s*[\w./-]+(=[\w.-]*)?(:\w+)?)*\s*$/,
      'must be taints such as `nvidia.com/gpu=present:NoSchedule, spot`',
    )
    .optional(),
  TREX_K8S_SERVICE_ACCOUNT: k8sName.optional(),
  TREX_K8S_PULL_SECRET: k8sName.optional(),
  TREX_K8S_PRIORITY_CLASS: k8sName.optional(),
  TREX_K8S_CPU: z
    .string()
    .regex(/^\d+(\.\d+)?m?$/, 'must be a quantity such as 8 or 500m')
    .optional(),
  TREX_K8S_MEMORY: z
    .string()
    .regex(/^\d+(\.\d+)?([KMGT]i|[kMGT])?$/, 'must be a quantity such as 64Gi')
    .optional(),
  TREX_K8S_POLL_SECONDS: positive.max(600).default(15),
  TREX_KEEP_WEIGHTS: text.default('best, finalists, last:3'),
  TREX_WEIGHTS: z.enum(['fetch', 'leave']).default('fetch'),
  TREX_SHIP_DIR: text.optional(),
  TREX_SHIP_HUB: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,95}$/, 'must be a user or an organisation of the Hub, such as acme')
    .optional(),
  TREX_SHIP_PRIVATE: z.enum(['true', 'false']).default('true'),
  TREX_SHIP_LICENSE: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,50}$/, 'must be a license as the Hub names it, such as apache-2.0')
    .optional(),
  TREX_HUB_URL: z.url({ protocol: /^https?$/ }).optional(),
  HF_TOKEN: text.optional(),
  TREX_ENGINE: z.enum(['nano', 'gpu']).default('nano'),
  TREX_TRAINER: z.enum(['trl', 'llamafactory']).default('trl'),
  TREX_PYTHON: z
    .string()
    .regex(/^\/[\w./+-]*$/, 'must be an absolute path of letters, digits and . _ + -')
    .optional(),
  TREX_MODELS: text.optional(),
  TREX_GPU: text.optional(),
  TREX_GPUS: z.coerce.number().int().min(1).max(64).default(1),
  TREX_HF_DOWNLOADS: z.enum(['on', 'off']).default('off'),
  TREX_LM_EVAL_TASKS: z
    .string()
    .regex(/^[\w.:/-]{1,100}(\s*,\s*[\w.:/-]{1,100}){0,19}$/, 'must be up to 20 names of tasks, with commas')
    .optional(),
  TREX_LM_EVAL_DIR: clusterFolder.optional(),
  TREX_LM_EVAL_LIMIT: z.coerce.number().int().min(1).max(1_000_000).default(400),
  TREX_USD_PER_HOUR: z.union([z.literal('unknown'), z.coerce.number().nonnegative()]).default(0),
  TREX_RUN_MEMORY_MIB: positive.default(512),
  TREX_MAX_DATASET_MB: positive.default(100),
  TREX_SUMMARY_AT: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a local time such as 09:00')
    .default('09:00'),
  TREX_TIME_ZONE: text.default('UTC'),
  TREX_RESEARCH: z.enum(['on', 'off']).default('off'),
  TREX_CONTACT: z
    .string()
    .regex(/^[!-~][ -~]{1,98}[!-~]$/, 'must be a mail or web address in plain characters')
    .optional(),
  TREX_PYTHON_MAP: z.enum(['off', 'bwrap', 'container']).default('off'),
  TREX_PYTHON_MAP_CONTAINER: text.optional(),
  TREX_PYTHON_MAP_PYTHON: z
    .string()
    .regex(/^[\w./+-]+$/, 'must be a name or a path of letters, digits and . _ + -')
    .default('python3'),
  TREX_APPROVERS: z.string().default(''),
  TREX_TWO_APPROVERS_ABOVE: text.optional(),
  TREX_NO_SELF_APPROVAL: z.enum(['true', 'false']).default('false'),
  SEMANTIC_SCHOLAR_API_KEY: text.optional(),
  TREX_MODEL: text.optional(),
  TREX_SMALL_MODEL: text.optional(),
  OPENAI_API_KEY: text.optional(),
  OPENAI_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  TREX_MODEL_PRICE: text.optional(),
  TREX_SMALL_MODEL_PRICE: text.optional(),
  TREX_MODEL_TIMEOUT_SECONDS: positive.max(3600).default(120),
  TREX_MODEL_RETRIES: z.coerce.number().int().min(0).max(10).default(2),
  TREX_MODEL_OUTPUT_TOKENS: z.coerce.number().int().min(500).max(200_000).default(8000),
  TREX_MODEL_PROMPT_TOKENS: z.coerce.number().int().min(3000).max(200_000).default(6000),
  TREX_THINKING_CAP_USD: positive.optional(),
  TREX_THINKING_CAP_TOKENS: z.coerce.number().int().positive().default(2_000_000),
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
  /** Runs at the same time. */
  slots: number;
  cluster:
    | { kind: 'local' }
    | ({ kind: 'slurm' } & SlurmConfig)
    | ({ kind: 'kubernetes' } & KubernetesConfig);
  engine: EngineConfig;
  weights: {
    keep: KeepPolicy;
    /** The winner's are brought to this machine; otherwise they stay on the cluster. */
    fetch: boolean;
  };
  ship: ShipConfig;
  /** Null: the price is not known, and a budget in dollars cannot be kept. */
  usdPerHour: number | null;
  /** Of the embedded engine; on GPUs their memory is the limit. */
  runMemoryBytes: number;
  maxDatasetBytes: number;
  summaryMinute: number;
  timeZone: string;
  /** Whether papers, models and data sets are looked up on the internet; `contact` is told to the services. Null: no. */
  research: { contact: string | null } | null;
  approvers: string[];
  /** What may cost more than either limit needs two approvers; both null: one is always enough. */
  twoApproversAbove: { computeSeconds: number | null; usd: number | null };
  noSelfApproval: boolean;
  /** Null: the Researcher is rule-based. */
  model: ModelConfig | null;
  /** Where code runs that a language model wrote over rows; null: nowhere. */
  sandbox: SandboxConfig | null;
  database: 'pglite' | 'postgres';
  slack:
    | { kind: 'local'; binary: string | null; port: number }
    | { kind: 'http'; host: string; port: number; apiUrl: string | null }
    | { kind: 'socket'; apiUrl: string | null };
}

/** Dollars per million tokens; null where the price is not known. */
type Price = { inputUsd: number; outputUsd: number } | null;

/** What trains. `modelsFile` lists base models, `gpu` names what a run has `gpus` of. */
export type EngineConfig = { kind: 'nano' } | ({ kind: 'gpu' } & GpuConfig);

export interface GpuConfig {
  trainer: 'trl' | 'llamafactory';
  python: string;
  modelsFile: string;
  gpu: string;
  gpus: number;
  downloads: boolean;
  /** Standard tasks of lm-eval, `limit` items of each; `folder` has tasks of one's own. Null: none are measured. */
  standard: { tasks: string[]; folder: string | null; limit: number } | null;
}

/** Where finished weights may be sent once a person has said yes; null: not there. */
export interface ShipConfig {
  /** Absolute. */
  folder: string | null;
  hub: { url: string; owner: string; isPrivate: boolean } | null;
  /** As model cards state it; null: not known. */
  license: string | null;
}

/** What runs the code, and the name or path of Python in there. */
export interface SandboxConfig {
  sandbox: { kind: 'bwrap' } | { kind: 'container'; words: string[] };
  python: string;
}

/** A Slurm cluster and what its site wants of every job. */
export interface SlurmConfig {
  /** For ssh; null: this machine is the login node. */
  host: string | null;
  /** Null: ~/.ssh/config. */
  sshConfig: string | null;
  files: 'shared' | 'copied';
  /** Records and copied run directories, on the cluster. */
  dir: string;
  /** Folder of Slurm's commands; null where a plain shell finds them. */
  path: string | null;
  partition: string | null;
  account: string | null;
  qos: string | null;
  gres: string;
  sbatchLines: string[];
  setupLines: string[];
  container: string[];
  pollMs: number;
  /** Larger files of a run stay on the cluster, where they are copied. */
  fetchMaxBytes: number;
}

/** A namespace of Kubernetes, and what every job there gets. */
export interface KubernetesConfig {
  /** Null: the pod's own account where there is one, else the current context of the kubeconfig. */
  context: string | null;
  /** Null: the context's own. */
  namespace: string | null;
  image: string;
  /** The volume claim that holds the data folder, and where pods mount it. */
  claim: string;
  mount: string;
  queue: string | null;
  nodeSelector: Record<string, string>;
  tolerations: { key: string; operator: 'Equal' | 'Exists'; value?: string; effect?: string }[];
  serviceAccount: string | null;
  pullSecret: string | null;
  priorityClass: string | null;
  cpu: string | null;
  memory: string | null;
  pollMs: number;
}

/** The language model of the Researcher, at a server that speaks Chat Completions. */
export interface ModelConfig {
  baseUrl: string;
  /** Plans rounds. */
  strong: { model: string; price: Price };
  /** Reads messages and results. */
  small: { model: string; price: Price };
  timeoutMs: number;
  retries: number;
  maxOutputTokens: number;
  promptTokens: number;
  /** Of one campaign. */
  cap: { tokens: number; usd: number | null };
}

/** Kept apart from the configuration, which may be logged and shown. */
export interface Secrets {
  databaseUrl: string | null;
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
    web: {
      host: env.TREX_HOST,
      port: env.TREX_PORT,
      publicUrl: env.TREX_PUBLIC_URL?.replace(/\/$/, '') ?? null,
    },
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
    hubToken: env.HF_TOKEN ?? null,
    semanticScholarKey: env.SEMANTIC_SCHOLAR_API_KEY ?? null,
    slackBotToken: env.SLACK_BOT_TOKEN ?? null,
    slackSigningSecret: env.SLACK_SIGNING_SECRET ?? null,
    slackAppToken: env.SLACK_APP_TOKEN ?? null,
    openaiApiKey: env.OPENAI_API_KEY ?? null,
  };
  return { config, secrets };
}

type ClusterKind = Config['cluster']['kind'];
const clusterVariables: Record<Exclude<ClusterKind, 'local'>, string> = {
  slurm: 'TREX_SLURM_',
  kubernetes: 'TREX_K8S_',
};

function clusterOf(env: z.infer<typeof Environment>): Config['cluster'] {
  const kind = env.TREX_CLUSTER;
  for (const [other, prefix] of Object.entries(clusterVariables)) {
    if (other !== kind) refuseOrphan(env, (name) => name.startsWith(prefix), 'TREX_CLUSTER', other);
  }
  switch (kind) {
    case 'local':
      return { kind };
    case 'slurm':
      return { kind, ...slurmOf(env) };
    case 'kubernetes':
      return { kind, ...kubernetesOf(env) };
  }
}

/** What is set for a part that was not chosen would do nothing, and nobody would know. */
function refuseOrphan(
  env: z.infer<typeof Environment>,
  isOwn: (name: string) => boolean,
  choice: 'TREX_CLUSTER' | 'TREX_ENGINE',
  owner: string,
): void {
  const names = Object.keys(env) as (keyof typeof env)[];
  const orphan = names.find(
    (name) => isOwn(name) && env[name] !== undefined && env[name] !== variables[name],
  );
  if (orphan === undefined) return;
  throw badConfig([`${orphan} is set, and ${choice} is ${env[choice]}. Set ${choice}=${owner}, or unset it`]);
}

const parts = (value: string | undefined, separator: string | RegExp): string[] =>
  (value ?? '')
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');

function slurmOf(env: z.infer<typeof Environment>): SlurmConfig {
  const host = env.TREX_SLURM_HOST ?? null;
  if (env.TREX_SLURM_FILES === 'copied' && (host === null || env.TREX_SLURM_DIR === undefined)) {
    throw badConfig([
      `TREX_SLURM_FILES=copied needs ${host === null ? 'TREX_SLURM_HOST, the login node to copy to' : 'TREX_SLURM_DIR, the folder there'}`,
    ]);
  }
  if (env.TREX_SLURM_SSH_CONFIG !== undefined && host === null) {
    throw badConfig(['TREX_SLURM_HOST is missing, and TREX_SLURM_SSH_CONFIG is set']);
  }
  const dir = env.TREX_SLURM_DIR ?? resolve(env.TREX_DATA_DIR, 'slurm');
  if (!clusterFolder.safeParse(dir).success) {
    throw badConfig([
      `TREX_SLURM_DIR is missing, and the folder of TREX_DATA_DIR cannot stand in batch scripts: ${dir}`,
    ]);
  }
  return {
    host,
    sshConfig: env.TREX_SLURM_SSH_CONFIG === undefined ? null : resolve(env.TREX_SLURM_SSH_CONFIG),
    files: env.TREX_SLURM_FILES,
    dir,
    path: env.TREX_SLURM_PATH ?? null,
    partition: env.TREX_SLURM_PARTITION ?? null,
    account: env.TREX_SLURM_ACCOUNT ?? null,
    qos: env.TREX_SLURM_QOS ?? null,
    gres: env.TREX_SLURM_GRES,
    sbatchLines: parts(env.TREX_SLURM_SBATCH, ';'),
    setupLines: parts(env.TREX_SLURM_SETUP, '\n'),
    container: parts(env.TREX_SLURM_CONTAINER, /\s+/),
    pollMs: env.TREX_SLURM_POLL_SECONDS * 1000,
    fetchMaxBytes: Math.round(env.TREX_SLURM_FETCH_MB * 1e6),
  };
}

function kubernetesOf(env: z.infer<typeof Environment>): KubernetesConfig {
  const { TREX_K8S_IMAGE: image, TREX_K8S_CLAIM: claim, TREX_K8S_MOUNT: mount } = env;
  if (image === undefined || claim === undefined || mount === undefined) {
    const missing = Object.entries({ TREX_K8S_IMAGE: image, TREX_K8S_CLAIM: claim, TREX_K8S_MOUNT: mount });
    const names = missing.filter(([, value]) => value === undefined).map(([name]) => name);
    throw badConfig(names.map((name) => `${name} is missing, and TREX_CLUSTER is kubernetes`));
  }
  const dataDir = resolve(env.TREX_DATA_DIR);
  if (!`${dataDir}/`.startsWith(`${mount.replace(/\/$/, '')}/`)) {
    throw badConfig([
      `TREX_DATA_DIR is ${dataDir}, and the pods would see only what is below TREX_K8S_MOUNT, ${mount}. Set it to a folder there`,
    ]);
  }
  return {
    context: env.TREX_K8S_CONTEXT ?? null,
    namespace: env.TREX_K8S_NAMESPACE ?? null,
    ...{ image, claim, mount },
    queue: env.TREX_K8S_QUEUE ?? null,
    nodeSelector: Object.fromEntries(
      parts(env.TREX_K8S_NODE_SELECTOR, ',').map((label) => label.split('=') as [string, string]),
    ),
    tolerations: parts(env.TREX_K8S_TOLERATIONS, ',').map((taint) => {
      const [, key = '', value, effect] = /^([^=:]+)(?:=([^:]*))?(?::(.*))?$/.exec(taint) ?? [];
      const what =
        value === undefined ? { operator: 'Exists' as const } : { operator: 'Equal' as const, value };
      return { key, ...what, ...(effect !== undefined && { effect }) };
    }),
    serviceAccount: env.TREX_K8S_SERVICE_ACCOUNT ?? null,
    pullSecret: env.TREX_K8S_PULL_SECRET ?? null,
    priorityClass: env.TREX_K8S_PRIORITY_CLASS ?? null,
    cpu: env.TREX_K8S_CPU ?? null,
    memory: env.TREX_K8S_MEMORY ?? null,
    pollMs: env.TREX_K8S_POLL_SECONDS * 1000,
  };
}

function weightsOf(env: z.infer<typeof Environment>): Config['weights'] {
  const keep = parseKeepPolicy(env.TREX_KEEP_WEIGHTS);
  if (keep === null) {
    throw badConfig([
      `TREX_KEEP_WEIGHTS: ${env.TREX_KEEP_WEIGHTS} is not \`all\`, or a list of \`winner\`, \`best\`, \`finalists\` and \`last:3\``,
    ]);
  }
  if (env.TREX_WEIGHTS === 'leave' && !(env.TREX_CLUSTER === 'slurm' && env.TREX_SLURM_FILES === 'copied')) {
    throw badConfig([
      'TREX_WEIGHTS=leave is for clusters that share no files with the bot. Here weights lie where the bot sees them; unset it',
    ]);
  }
  return { keep, fetch: env.TREX_WEIGHTS === 'fetch' };
}

function shipOf(env: z.infer<typeof Environment>): ShipConfig {
  const { TREX_SHIP_HUB: owner, TREX_SHIP_DIR: folder, TREX_HUB_URL: url, HF_TOKEN: token } = env;
  if (owner === undefined) {
    const orphan =
      url !== undefined ? 'TREX_HUB_URL' : env.TREX_SHIP_PRIVATE === 'false' ? 'TREX_SHIP_PRIVATE' : null;
    if (orphan !== null)
      throw badConfig([`TREX_SHIP_HUB is missing, and ${orphan} is set. Set both, or none`]);
  } else if (token === undefined || !/^hf_\w+$/.test(token)) {
    throw badConfig([
      `HF_TOKEN ${token === undefined ? 'is missing' : 'is no token of the Hub (it starts with hf_)'}, and TREX_SHIP_HUB is set. Make one with write access to ${owner}`,
    ]);
  }
  if (env.TREX_SHIP_LICENSE !== undefined && owner === undefined && folder === undefined) {
    throw badConfig([
      'TREX_SHIP_LICENSE is set, and there is nowhere to ship to. Set TREX_SHIP_HUB or TREX_SHIP_DIR',
    ]);
  }
  return {
    folder: folder === undefined ? null : resolve(folder),
    hub:
      owner === undefined
        ? null
        : {
            url: (url ?? 'https://huggingface.co').replace(/\/+$/, ''),
            owner,
            isPrivate: env.TREX_SHIP_PRIVATE === 'true',
          },
    license: env.TREX_SHIP_LICENSE ?? null,
  };
}

function engineOf(env: z.infer<typeof Environment>): EngineConfig {
  const { TREX_PYTHON: python, TREX_MODELS: models, TREX_GPU: gpu } = env;
  if (env.TREX_ENGINE === 'nano') {
    refuseOrphan(env, (name) => gpuVariables.includes(name), 'TREX_ENGINE', 'gpu');
    return { kind: 'nano' };
  }
  if (python === undefined || models === undefined || gpu === undefined) {
    const missing = Object.entries({ TREX_PYTHON: python, TREX_MODELS: models, TREX_GPU: gpu });
    const names = missing.filter(([, value]) => value === undefined).map(([name]) => name);
    throw badConfig(names.map((name) => `${name} is missing, and TREX_ENGINE is gpu`));
  }
  const { TREX_TRAINER: trainer, TREX_GPUS: gpus, TREX_HF_DOWNLOADS: downloads } = env;
  const modelsFile = resolve(models);
  const engine = { trainer, python, modelsFile, gpu, gpus, downloads: downloads === 'on' };
  return { kind: 'gpu', ...engine, standard: standardOf(env) };
}

const gpuVariables: string[] = [
  ...['TREX_TRAINER', 'TREX_PYTHON', 'TREX_MODELS', 'TREX_GPU', 'TREX_GPUS', 'TREX_HF_DOWNLOADS'],
  ...['TREX_LM_EVAL_TASKS', 'TREX_LM_EVAL_DIR', 'TREX_LM_EVAL_LIMIT'],
];

function standardOf(env: z.infer<typeof Environment>): GpuConfig['standard'] {
  const { TREX_LM_EVAL_TASKS: tasks, TREX_LM_EVAL_DIR: folder = null, TREX_LM_EVAL_LIMIT: limit } = env;
  if (tasks !== undefined) return { tasks: tasks.split(/\s*,\s*/), folder, limit };
  const dependent = ['TREX_LM_EVAL_DIR', 'TREX_LM_EVAL_LIMIT'] as const;
  const orphan = dependent.find((name) => env[name] !== undefined && env[name] !== variables[name]);
  if (orphan !== undefined)
    throw badConfig([`TREX_LM_EVAL_TASKS is missing, and ${orphan} is set. Name the tasks, or unset it`]);
  return null;
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

/** A model is used when it is named: a key that is in the environment for other programs sends nothing anywhere. */
function modelOf(env: z.infer<typeof Environment>): ModelConfig | null {
  const { TREX_MODEL: model, OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl } = env;
  const dependent = [
    'TREX_SMALL_MODEL',
    'TREX_MODEL_PRICE',
    'TREX_SMALL_MODEL_PRICE',
    'TREX_THINKING_CAP_USD',
    'OPENAI_BASE_URL',
  ] as const;
  if (model === undefined) {
    const orphan = dependent.find((name) => env[name] !== undefined);
    if (orphan !== undefined)
      throw badConfig([
        `TREX_MODEL is missing, and ${orphan} is set. Name the model, or unset it for the rules`,
      ]);
    return null;
  }
  if (key === undefined && baseUrl === undefined) {
    throw badConfig([
      'OPENAI_API_KEY is missing, and TREX_MODEL is set. Set the key, or OPENAI_BASE_URL for a server of your own',
    ]);
  }
  const price = priceOf('TREX_MODEL_PRICE', env.TREX_MODEL_PRICE);
  const smallModel = env.TREX_SMALL_MODEL ?? model;
  const smallPrice =
    smallModel === model ? price : priceOf('TREX_SMALL_MODEL_PRICE', env.TREX_SMALL_MODEL_PRICE);
  const usd = env.TREX_THINKING_CAP_USD ?? null;
  if (usd !== null && (price === null || smallPrice === null)) {
    throw badConfig([
      `TREX_THINKING_CAP_USD cannot be kept without a price. Set ${price === null ? 'TREX_MODEL_PRICE' : 'TREX_SMALL_MODEL_PRICE'}, such as \`0.25 / 2\`, or limit tokens with TREX_THINKING_CAP_TOKENS`,
    ]);
  }
  return {
    baseUrl: (baseUrl ?? 'https://api.openai.com/v1').replace(/\/$/, ''),
    strong: { model, price },
    small: { model: smallModel, price: smallPrice },
    timeoutMs: env.TREX_MODEL_TIMEOUT_SECONDS * 1000,
    retries: env.TREX_MODEL_RETRIES,
    maxOutputTokens: env.TREX_MODEL_OUTPUT_TOKENS,
    promptTokens: env.TREX_MODEL_PROMPT_TOKENS,
    cap: { tokens: env.TREX_THINKING_CAP_TOKENS, usd },
  };
}

function sandboxOf(env: z.infer<typeof Environment>): SandboxConfig | null {
  const { TREX_PYTHON_MAP: kind, TREX_PYTHON_MAP_CONTAINER: container, TREX_PYTHON_MAP_PYTHON: python } = env;
  if (container !== undefined && kind !== 'container')
    throw badConfig([
      `TREX_PYTHON_MAP_CONTAINER is set, and TREX_PYTHON_MAP is ${kind}. Set TREX_PYTHON_MAP=container, or unset it`,
    ]);
  if (kind === 'off') return null;
  if (env.TREX_MODEL === undefined)
    throw badConfig([
      `TREX_MODEL is missing, and TREX_PYTHON_MAP is ${kind}: only a language model writes code. Name the model, or set TREX_PYTHON_MAP=off`,
    ]);
  if (kind === 'bwrap') return { sandbox: { kind }, python };
  if (container === undefined)
    throw badConfig([
      'TREX_PYTHON_MAP_CONTAINER is missing, and TREX_PYTHON_MAP is container. Give the words before Python, such as `apptainer exec --containall --net --network none /images/python.sif`',
    ]);
  return { sandbox: { kind, words: container.split(/\s+/) }, python };
}

function priceOf(name: string, value: string | undefined): Price {
  if (value === undefined) return null;
  const match = /^\$?(\d+(?:\.\d+)?)\s*\/\s*\$?(\d+(?:\.\d+)?)$/.exec(value);
  if (match === null) {
    throw badConfig([
      `${name}: ${value} is not a price of a million tokens in and out such as \`0.25 / 2\` (dollars; \`0 / 0\` is free)`,
    ]);
  }
  return { inputUsd: Number(match[1]), outputUsd: Number(match[2]) };
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
