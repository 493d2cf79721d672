/**
 * Which room may import which, as data; `test/boundaries.test.ts` checks every file under `src/` and `bench/`. A room is
 * a folder of `src/`, or a file directly in it. An entry with a slash names files by the start of their path, and no
 * others of that room.
 */
export interface RoomRule {
  may: readonly string[];
  /** Rooms that may only be imported with `import type`: no code of theirs runs here. */
  types?: readonly string[];
}

/** The port of every room with adapters, and its pure helpers: the only files that other rooms import. */
const clusterPort = ['cluster/port.ts'];
const executorPort = [
  'executor/answer-limit.ts',
  'executor/budget-worth.ts',
  'executor/ending-cost.ts',
  'executor/engine.ts',
  'executor/estimate-cost.ts',
  'executor/explain-job-end.ts',
  'executor/needed-ceiling.ts',
  'executor/summarise-training.ts',
  'executor/watch-run.ts',
];
const researcherPort = [
  'researcher/port.ts',
  'researcher/cheaper-version.ts',
  'researcher/fewer-rows.ts',
  'researcher/proposal-key.ts',
  'researcher/research/port.ts',
];

const shippingPort = ['shipping/port.ts'];

export const roomRules: Record<string, RoomRule> = {
  lib: { may: [] },
  config: { may: ['lib'] },
  // Pure rooms, lowest first: each may use the ones before it.
  scoring: { may: ['lib'] },
  recipe: { may: ['lib', 'scoring'] },
  campaign: { may: ['lib', 'scoring', 'recipe'] },
  search: { may: ['lib', 'scoring', 'recipe', 'campaign'] },
  insight: { may: ['lib', 'scoring', 'recipe', 'campaign', 'search'] },
  report: { may: ['lib', 'scoring', 'recipe', 'campaign', 'search', 'insight'] },
  cluster: { may: ['lib'] },
  sandbox: { may: ['lib'] },
  // Costs are computed in one file, which imports only types.
  executor: { may: ['lib', 'recipe', 'scoring', 'campaign/cost.ts'], types: ['campaign', ...clusterPort] },
  // Diagnosis reads mistakes (scoring), proposals edit recipes: values, not only types.
  researcher: { may: ['lib', 'campaign', 'search', 'insight', 'recipe', 'scoring'] },
  shipping: { may: ['lib'], types: ['campaign'] },
  store: {
    may: ['lib', 'campaign', 'scoring'],
    types: ['search', 'insight', 'recipe', 'executor/answer-limit.ts', 'executor/engine.ts'],
  },
  operations: {
    may: [
      'lib',
      'scoring',
      'recipe',
      'campaign',
      'search',
      'insight',
      'report',
      'store',
      ...clusterPort,
      ...executorPort,
      ...researcherPort,
      'sandbox/port.ts',
      ...shippingPort,
    ],
  },
  // The list of campaigns to advance comes from the database; all other work is a call of a verb.
  scheduler: { may: ['lib', 'operations', 'store/campaigns.ts', 'store/leases.ts', 'store/research.ts'] },
  slack: { may: ['lib', 'operations', 'report'], types: ['campaign'] },
  web: { may: ['lib', 'operations', 'report', 'campaign/states.ts'], types: ['campaign'] },
  // The outermost layer: files that build the bot, and files that are run.
  'app.ts': {
    may: [
      'lib',
      'config',
      'recipe',
      'report',
      'researcher',
      'executor',
      'cluster',
      'sandbox',
      'store',
      'operations',
      'scheduler',
      'shipping',
      'slack',
      'web',
    ],
  },
  'serve.ts': { may: ['config', 'app.ts', 'slack/local-workspace.ts'] },
  'reproduce.ts': {
    may: ['lib', 'config', 'scoring', 'recipe', 'executor', 'cluster', 'operations'],
  },
  'read-brief.ts': {
    may: ['lib', 'config', 'campaign', 'recipe', 'report', 'researcher', 'executor', 'operations'],
  },
  'read-data.ts': { may: ['lib', 'recipe'] },
  demo: {
    may: ['lib', 'config', 'app.ts', 'recipe', 'campaign', 'report', 'operations'],
    types: ['slack/local-control.ts'],
  },
  'cli.ts': {
    may: [
      'lib',
      'config',
      'app.ts',
      'serve.ts',
      'read-brief.ts',
      'read-data.ts',
      'reproduce.ts',
      'demo',
      'store/open-postgres.ts',
    ],
  },
  'bin.ts': { may: ['cli.ts'] },
  'main.ts': { may: ['cli.ts'] },
  // Benchmarks measure rooms from outside, without the bot where they can.
  bench: {
    may: [
      'lib',
      'cluster/port.ts',
      'recipe',
      'report',
      'executor',
      'researcher/port.ts',
      'researcher/memory/',
      'researcher/model/tokens.ts',
      'researcher/prompts/',
      'researcher/steps/',
      'search',
      'operations',
      'scheduler/inbox-loop.ts',
      'scheduler/loop.ts',
      'slack/create-slack.ts',
      'store/open-',
      'app.ts',
      'config',
      'test/support/',
    ],
  },
};

/**
 * Folders of `src/operations`, lowest first: a stage imports the stages that it names, and the files beside the folders.
 * Those import no stage; only `create-bot.ts`, which gathers the verbs, may import all.
 */
export const stageRules: Record<string, readonly string[]> = {
  view: [],
  data: [],
  health: [],
  inbox: [],
  research: [],
  plan: ['view', 'data'],
  budget: ['view'],
  launch: ['view', 'plan', 'budget'],
  approvals: ['view', 'plan', 'budget', 'launch'],
  weights: ['view', 'launch'],
  jobs: ['data', 'health', 'plan', 'launch'],
  end: ['view', 'budget', 'launch', 'approvals', 'weights'],
  tree: ['view', 'data', 'plan', 'budget', 'launch', 'approvals', 'weights', 'end'],
  control: ['view', 'budget', 'launch', 'jobs', 'end'],
  confirm: ['view', 'budget', 'control'],
  start: ['budget'],
  intake: ['data', 'inbox', 'plan', 'start'],
  shipping: ['view', 'launch', 'end'],
  delivery: ['view', 'control', 'shipping'],
  thread: [
    'view',
    'data',
    'plan',
    'budget',
    'approvals',
    'control',
    'confirm',
    'intake',
    'shipping',
    'delivery',
  ],
};

/** Concrete adapters, and the only files that name them. An adapter with a process of its own is also named there. */
export const adapterRule = {
  adapters: [
    'cluster/kubernetes/',
    'cluster/local/',
    'cluster/slurm/',
    'cluster/open-cluster.ts',
    'executor/engines/',
    'executor/nano-',
    'executor/gpu-engine.ts',
    'executor/open-engine.ts',
    'researcher/rules/',
    'researcher/research/create-research.ts',
    'researcher/research/fetcher.ts',
    'researcher/research/response-cache.ts',
    'researcher/research/public-services.ts',
    'researcher/openai-researcher.ts',
    'researcher/model/',
    'shipping/ship-to-',
    'store/open-',
    'sandbox/create-sandbox.ts',
    'slack/create-slack.ts',
    'slack/chat.ts',
    'slack/local-workspace.ts',
  ],
  namedBy: ['app.ts', 'read-brief.ts', 'reproduce.ts', 'cli.ts', 'serve.ts', 'bench/'],
};

/** Packages with one home. The home's room wraps them; all other rooms use the wrapper. */
export const packageHomes: Record<string, { home: readonly string[]; instead: string }> = {
  'drizzle-orm': { home: ['store/'], instead: 'a function of src/store' },
  '@electric-sql/pglite': { home: ['store/'], instead: 'openPglite of src/store/open-pglite.ts' },
  postgres: { home: ['store/'], instead: 'openPostgres of src/store/open-postgres.ts' },
  '@slack/bolt': {
    home: ['slack/', 'bench/ack-server.ts'],
    instead: 'the Bot and Chat ports of src/operations',
  },
  '@slack/web-api': { home: ['slack/'], instead: 'the Chat port of src/operations/chat.ts' },
  yauzl: { home: ['recipe/dataset/'], instead: 'readDataset of src/recipe/read-dataset.ts' },
  hyparquet: { home: ['recipe/dataset/'], instead: 'readDataset of src/recipe/read-dataset.ts' },
  undici: {
    home: ['slack/', 'researcher/research/'],
    instead: 'the Research port of src/researcher/research/port.ts',
  },
  '@kubernetes/client-node': {
    home: ['cluster/kubernetes/'],
    instead: 'the Cluster port of src/cluster/port.ts',
  },
  openai: { home: ['researcher/model/client.ts'], instead: 'the Researcher port of src/researcher/port.ts' },
  '@takumi-rs/core': { home: ['report/rasterise.ts'], instead: 'rasterise of src/report/rasterise.ts' },
  '@takumi-rs/helpers': { home: ['report/rasterise.ts'], instead: 'rasterise of src/report/rasterise.ts' },
  '@huggingface/hub': {
    home: ['shipping/ship-to-hub.ts'],
    instead: 'a ShipTarget of src/shipping/port.ts',
  },
  'chrono-node': { home: ['lib/parse/moments.ts'], instead: 'findMoments of src/lib/parse/moments.ts' },
  commander: { home: ['cli.ts'], instead: 'a command in src/cli.ts' },
  hono: { home: ['web/'], instead: 'a route in src/web' },
  '@hono/node-server': { home: ['web/'], instead: 'a route in src/web' },
  'prom-client': { home: ['web/'], instead: 'a gauge in src/web/create-web.ts' },
  'node-cron': { home: ['scheduler/'], instead: 'a loop of src/scheduler' },
  pino: { home: ['lib/log.ts'], instead: 'the Log that the context carries' },
  assemblyscript: { home: ['executor/engines/nano/kernels/compile.ts'], instead: 'the compiled kernels' },
};

/** Rooms that only compute: all external data are passed in as values. */
export const pureRooms = ['campaign', 'search', 'insight', 'report'];
/** The edge of `report`: fonts come from disk. */
export const pureExceptions = ['report/fonts.ts'];
export const impureModules =
  /^(?:node:(?:fs|child_process|net|http|https|dns|os|process|worker_threads)|drizzle-orm|openai|@slack\/)/;
export const impureWords: readonly { pattern: RegExp; instead: string }[] = [
  { pattern: /\bprocess\.env\b/, instead: 'take the value from the configuration' },
  { pattern: /\bDate\.now\b|\bnew Date\(\)/, instead: 'take the moment as an argument' },
  { pattern: /\bperformance\.now\b/, instead: 'take the moment as an argument' },
  { pattern: /\bMath\.random\b/, instead: 'take an Rng of src/lib/rng.ts as an argument' },
  { pattern: /\bfetch\(/, instead: 'take what was fetched as an argument' },
];

/**
 * Files that read the environment. The configuration is parsed once from the environment of the command line; the local
 * cluster passes a short list of variables to jobs, and PATH to `ps`.
 */
export const environmentReaders = [
  'cli.ts',
  'bin.ts',
  'main.ts',
  'cluster/environment.ts',
  'cluster/local/processes.ts',
];
