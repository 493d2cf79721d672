import { z } from 'zod';
import { TrexError } from '../lib/errors.ts';

const text = z.string().trim().min(1);
const positive = z.coerce.number().positive();
const k8sName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be a name as Kubernetes knows it');
/** These values are written into batch scripts unchanged. */
const slurmName = z.string().regex(/^[\w.,:+-]+$/, 'must be a name as Slurm knows it');
export const clusterFolder = z
  .string()
  .regex(/^\/[\w./+@-]*$/, 'must be an absolute path of letters, digits and . _ + @ -');

/** The environment as it is written. Unset means the embedded default. */
export const Environment = z.object({
  TREX_DATA_DIR: text.default('.trex'),
  TREX_PORT: z.coerce.number().int().min(0).max(65_535).default(3210),
  TREX_HOST: text.default('127.0.0.1'),
  TREX_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  TREX_LINK_SECRET: z.string().min(32, 'must be 32 characters or more').optional(),
  TREX_LINK_DAYS: positive.max(365).default(7),
  TREX_METRICS_TOKEN: z
    .string()
    .regex(/^(open|[\w.~+/=-]{16,})$/, 'must be 16 characters or more without spaces, or the word open')
    .optional(),
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

export type Env = z.infer<typeof Environment>;

/** Every variable with its default; null where there is none. The documents have to list all of them. */
export const variables: Record<string, string | number | null> = defaultsOf(Environment.parse({}));

function defaultsOf(unset: Env): Record<string, string | number | null> {
  const names = Object.keys(Environment.shape) as (keyof Env)[];
  return Object.fromEntries(names.map((name) => [name, unset[name] ?? null]));
}

/** True when the variable is set and differs from its default. */
export const isSet = (env: Env, name: keyof Env): boolean =>
  env[name] !== undefined && env[name] !== variables[name];

export const badConfig = (problems: string[]): TrexError =>
  new TrexError(
    'bad_config',
    'config',
    `The configuration cannot be used:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
  );

/** A setting of a part that was not chosen would have no effect, and nobody would notice. */
export function refuseOrphan(
  env: Env,
  isOwn: (name: string) => boolean,
  choice: 'TREX_CLUSTER' | 'TREX_ENGINE',
  owner: string,
): void {
  const names = Object.keys(env) as (keyof typeof env)[];
  const orphan = names.find((name) => isOwn(name) && isSet(env, name));
  if (orphan === undefined) return;
  throw badConfig([`${orphan} is set, and ${choice} is ${env[choice]}. Set ${choice}=${owner}, or unset it`]);
}
