import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TrexError } from '../lib/errors.ts';
import { parseConfig } from './config.ts';
import { variables } from './environment.ts';

/** The message of `parseConfig` about an environment that cannot be used. */
function refusalOf(environment: Record<string, string>): string {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof TrexError && error.code === 'bad_config') return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

const linkSecret = 'hidden'.repeat(6);
const bot = { SLACK_BOT_TOKEN: 'xoxb-1' };

describe('an empty environment', () => {
  test('gives the embedded parts', () => {
    const { config, secrets } = parseConfig({});
    expect(config.database).toBe('pglite');
    expect(config.slack).toEqual({ kind: 'local', binary: null, port: 3211 });
    expect(config.web).toEqual({
      host: '127.0.0.1',
      port: 3210,
      publicUrl: null,
      linkDays: null,
      metrics: 'local',
    });
    expect(config.dataDir.endsWith('/.trex')).toBe(true);
    expect(config.summaryMinute).toBe(9 * 60);
    expect(config.approvers).toEqual([]);
    expect(config.slots).toBeGreaterThanOrEqual(1);
    expect(Object.values(secrets).every((secret) => secret === null)).toBe(true);
    expect(config.research).toBeNull();
    expect(config.sandbox).toBeNull();
  });

  test('is the same as one whose variables are all empty', () => {
    const empty = Object.fromEntries(Object.keys(variables).map((name) => [name, '']));
    expect(parseConfig(empty)).toEqual(parseConfig({}));
  });
});

describe('half a Slack configuration does not parse, and the message names what is missing', () => {
  test('an app token without a bot token', () => {
    const refusal = refusalOf({ SLACK_APP_TOKEN: 'xapp-1' });
    expect(refusal).toContain('SLACK_BOT_TOKEN is missing');
    expect(refusal).toContain('SLACK_APP_TOKEN');
  });

  test('a signing secret without a bot token', () => {
    const refusal = refusalOf({ SLACK_SIGNING_SECRET: 's' });
    expect(refusal).toContain('SLACK_BOT_TOKEN is missing');
    expect(refusal).toContain('SLACK_SIGNING_SECRET');
  });

  test('a bot token without a way in', () => {
    const refusal = refusalOf(bot);
    expect(refusal).toContain('SLACK_SIGNING_SECRET is missing');
    expect(refusal).toContain('SLACK_APP_TOKEN');
  });

  test('a token of the wrong kind', () => {
    expect(refusalOf({ SLACK_BOT_TOKEN: 'xapp-1', SLACK_SIGNING_SECRET: 's' })).toMatch(
      /SLACK_BOT_TOKEN.*xoxb-/,
    );
    expect(refusalOf({ ...bot, SLACK_APP_TOKEN: 'xoxb-2' })).toMatch(/SLACK_APP_TOKEN.*xapp-/);
  });
});

describe('a whole Slack configuration', () => {
  test('with a signing secret is signed HTTP', () => {
    const { config } = parseConfig({ ...bot, SLACK_SIGNING_SECRET: 's', SLACK_PORT: '4000' });
    expect(config.slack).toEqual({ kind: 'http', host: '0.0.0.0', port: 4000, apiUrl: null });
  });

  test('with an app token is Socket Mode, whether or not a signing secret is there', () => {
    const app = { ...bot, SLACK_APP_TOKEN: 'xapp-1' };
    expect(parseConfig(app).config.slack).toEqual({ kind: 'socket', apiUrl: null });
    expect(parseConfig({ ...app, SLACK_SIGNING_SECRET: 's' }).config.slack.kind).toBe('socket');
  });

  test('keeps its secrets out of what may be logged', () => {
    const secret = { SLACK_BOT_TOKEN: 'xoxb-hidden', SLACK_SIGNING_SECRET: 'hidden-too' };
    const { config, secrets } = parseConfig({ ...secret, DATABASE_URL: 'postgres://u:hidden-pw@db/trex' });
    expect(JSON.stringify(config)).not.toContain('hidden');
    expect(secrets.slackBotToken).toBe('xoxb-hidden');
    expect(config.database).toBe('postgres');
  });
});

describe('values', () => {
  test.each([
    ['TREX_PORT', '70000'],
    ['TREX_PORT', 'http'],
    ['SLACK_PORT', '-1'],
    ['LOCAL_SLACK_PORT', '1.5'],
    ['TREX_SLOTS', '0'],
    ['TREX_SLOTS', '2.5'],
    ['TREX_USD_PER_HOUR', '-1'],
    ['TREX_USD_PER_HOUR', 'cheap'],
    ['TREX_RUN_MEMORY_MIB', '0'],
    ['TREX_MAX_DATASET_MB', 'big'],
    ['TREX_SUMMARY_AT', '25:00'],
    ['TREX_SUMMARY_AT', '9am'],
    ['TREX_TIME_ZONE', 'Mars/Olympus'],
    ['TREX_RESEARCH', 'yes'],
    ['TREX_CONTACT', 'a\r\nx-other: b'],
    ['TREX_PUBLIC_URL', 'trex'],
    ['TREX_PUBLIC_URL', 'ftp://trex.example'],
    ['TREX_LINK_SECRET', 'short'],
    ['TREX_LINK_DAYS', '0'],
    ['TREX_METRICS_TOKEN', 'short'],
    ['TREX_LOG_LEVEL', 'loud'],
    ['TREX_DRAIN_SECONDS', '0'],
    ['SLACK_API_URL', 'slack'],
    ['TREX_DATA_DIR', '  '],
    ['TREX_DRAIN_SECONDS', '0'],
    ['TREX_TWO_APPROVERS_ABOVE', 'a lot'],
    ['TREX_TWO_APPROVERS_ABOVE', '30'],
    ['TREX_NO_SELF_APPROVAL', 'maybe'],
    ['TREX_KEEP_WEIGHTS', 'everything'],
    ['TREX_KEEP_WEIGHTS', 'best; last:3'],
    ['TREX_WEIGHTS', 'both'],
    ['TREX_SHIP_HUB', 'acme/models'],
    ['TREX_SHIP_LICENSE', 'My License'],
    ['TREX_HUB_URL', 'ftp://hub'],
  ])('%s=%s is refused by its name', (name, value) => {
    expect(refusalOf({ [name]: value })).toContain(name);
  });

  test('that are wrong are all named at once', () => {
    const refusal = refusalOf({ TREX_PORT: 'x', TREX_SLOTS: '0', TREX_LOG_LEVEL: 'loud' });
    for (const name of ['TREX_PORT', 'TREX_SLOTS', 'TREX_LOG_LEVEL']) expect(refusal).toContain(name);
  });

  test('are turned into the units of the code', () => {
    const { config } = parseConfig({
      TREX_RUN_MEMORY_MIB: '2',
      TREX_MAX_DATASET_MB: '3',
      TREX_SUMMARY_AT: '18:05',
      TREX_PUBLIC_URL: 'https://trex.example/',
      TREX_LINK_SECRET: linkSecret,
      TREX_APPROVERS: 'U1, U2 U3',
      TREX_USD_PER_HOUR: 'unknown',
    });
    expect(config.runMemoryBytes).toBe(2 * 1024 * 1024);
    expect(config.maxDatasetBytes).toBe(3_000_000);
    expect(config.summaryMinute).toBe(18 * 60 + 5);
    expect(config.web.publicUrl).toBe('https://trex.example');
    expect(config.approvers).toEqual(['U1', 'U2', 'U3']);
    expect(config.usdPerHour).toBeNull();
  });
});

describe('pages that others reach', () => {
  test.each([
    ['TREX_HOST', '0.0.0.0'],
    ['TREX_HOST', '10.1.2.3'],
    ['TREX_HOST', '::'],
    ['TREX_PUBLIC_URL', 'https://trex.example'],
  ])('%s=%s needs a secret for links, and the message says how to make one', (name, value) => {
    const refusal = refusalOf({ [name]: value });
    expect(refusal).toContain('TREX_LINK_SECRET is missing');
    expect(refusal).toContain(`${name} is ${value}`);
    expect(refusal).toContain('openssl rand');
    const { config, secrets } = parseConfig({ [name]: value, TREX_LINK_SECRET: linkSecret });
    expect(config.web.linkDays).toBe(7);
    expect(secrets.linkSecret).toBe(linkSecret);
    expect(JSON.stringify(config)).not.toContain('hidden');
  });

  test.each([
    ['TREX_HOST', '::1'],
    ['TREX_HOST', 'localhost'],
    ['TREX_PUBLIC_URL', 'http://127.0.0.1:8080'],
  ])('%s=%s stays on this machine and needs none', (name, value) => {
    expect(parseConfig({ [name]: value }).config.web.linkDays).toBeNull();
  });

  test('metrics are for this machine, for a token, or open', () => {
    const of = (token?: string) => parseConfig(token === undefined ? {} : { TREX_METRICS_TOKEN: token });
    expect(of().config.web.metrics).toBe('local');
    expect(of('open').config.web.metrics).toBe('open');
    expect(of('open').secrets.metricsToken).toBeNull();
    const { config, secrets } = of('hidden-token-of-prometheus');
    expect(config.web.metrics).toBe('token');
    expect(secrets.metricsToken).toBe('hidden-token-of-prometheus');
    expect(JSON.stringify(config)).not.toContain('hidden');
  });
});

describe('weights and shipping', () => {
  const hub = { TREX_SHIP_HUB: 'acme', HF_TOKEN: 'hf_hidden' };

  test('keep a few and ship nowhere unless something is set', () => {
    const { config, secrets } = parseConfig({ HF_TOKEN: 'hf_forOthers' });
    expect(config.weights).toEqual({ keep: { best: true, finalists: true, last: 3 }, fetch: true });
    expect(config.ship).toEqual({ folder: null, hub: null, license: null });
    expect(secrets.hubToken).toBe('hf_forOthers');
  });

  test('ship privately to the Hub, with the token kept out of what may be logged', () => {
    const { config, secrets } = parseConfig({
      ...hub,
      TREX_SHIP_LICENSE: 'apache-2.0',
      TREX_SHIP_DIR: '/models',
    });
    expect(config.ship).toEqual({
      folder: '/models',
      hub: { url: 'https://huggingface.co', owner: 'acme', isPrivate: true },
      license: 'apache-2.0',
    });
    expect(JSON.stringify(config)).not.toContain('hidden');
    expect(secrets.hubToken).toBe('hf_hidden');
    const other = parseConfig({
      ...hub,
      TREX_HUB_URL: 'http://hub.test:8080/',
      TREX_SHIP_PRIVATE: 'false',
    }).config;
    expect(other.ship.hub).toEqual({ url: 'http://hub.test:8080', owner: 'acme', isPrivate: false });
  });

  test.each([
    ['HF_TOKEN', { TREX_SHIP_HUB: 'acme' }],
    ['HF_TOKEN', { TREX_SHIP_HUB: 'acme', HF_TOKEN: 'wrong' }],
    ['TREX_HUB_URL', { TREX_HUB_URL: 'https://hub.test' }],
    ['TREX_SHIP_PRIVATE', { TREX_SHIP_PRIVATE: 'false' }],
    ['TREX_SHIP_LICENSE', { TREX_SHIP_LICENSE: 'mit' }],
    ['TREX_WEIGHTS', { TREX_WEIGHTS: 'leave' }],
    ['TREX_WEIGHTS', { TREX_WEIGHTS: 'leave', TREX_CLUSTER: 'slurm', TREX_SLURM_FILES: 'shared' }],
  ])('half of it is refused, and %s is named', (name, environment) => {
    expect(refusalOf(environment)).toContain(name);
    expect(refusalOf(environment)).not.toContain('wrong');
  });
});

describe('research', () => {
  test('is off unless it is asked for, and then says whom to write to', () => {
    expect(parseConfig({ TREX_RESEARCH: 'on' }).config.research).toEqual({ contact: null });
    const { config, secrets } = parseConfig({
      TREX_RESEARCH: 'on',
      TREX_CONTACT: 'ml@acme.example',
      SEMANTIC_SCHOLAR_API_KEY: 'hidden',
    });
    expect(config.research).toEqual({ contact: 'ml@acme.example' });
    expect(secrets.semanticScholarKey).toBe('hidden');
    expect(JSON.stringify(config)).not.toContain('hidden');
  });
});

describe('approvals', () => {
  test('need one yes of anybody unless told otherwise', () => {
    const { config } = parseConfig({});
    expect(config.twoApproversAbove).toEqual({ computeSeconds: null, usd: null });
    expect(config.noSelfApproval).toBe(false);
  });

  test('can need two people above an amount, and never the person who asked', () => {
    const { config } = parseConfig({
      TREX_TWO_APPROVERS_ABOVE: '30 min, $20',
      TREX_USD_PER_HOUR: '3',
      TREX_NO_SELF_APPROVAL: 'true',
    });
    expect(config.twoApproversAbove).toEqual({ computeSeconds: 1800, usd: 20 });
    expect(config.noSelfApproval).toBe(true);
  });

  test('in dollars need a price', () => {
    for (const price of ['0', 'unknown'])
      expect(refusalOf({ TREX_TWO_APPROVERS_ABOVE: '$20', TREX_USD_PER_HOUR: price })).toContain(
        'TREX_USD_PER_HOUR',
      );
  });

  test('by two people need two people', () => {
    expect(refusalOf({ TREX_TWO_APPROVERS_ABOVE: '5 min', TREX_APPROVERS: 'U1 U1' })).toContain(
      'TREX_APPROVERS names one',
    );
  });
});

describe('approvers', () => {
  test('are named by their ids, as nobody could decide by a name', () => {
    expect(() => parseConfig({ TREX_APPROVERS: 'U1, Ben' })).toThrow(
      /TREX_APPROVERS: Ben is no id of a person/,
    );
  });
});

describe('two approvers', () => {
  test('above an amount of time, of money, or either', () => {
    const above = (line: string) =>
      parseConfig({ TREX_TWO_APPROVERS_ABOVE: line, TREX_USD_PER_HOUR: '2' }).config.twoApproversAbove;
    expect(above('30 min')).toEqual({ computeSeconds: 1800, usd: null });
    expect(above('$20')).toEqual({ computeSeconds: null, usd: 20 });
    expect(above('30 min, $20')).toEqual({ computeSeconds: 1800, usd: 20 });
    expect(parseConfig({}).config.twoApproversAbove).toEqual({ computeSeconds: null, usd: null });
  });

  test('need an amount that can be read', () => {
    expect(refusalOf({ TREX_TWO_APPROVERS_ABOVE: 'a lot' })).toContain('TREX_TWO_APPROVERS_ABOVE');
  });

  test.each(['0', 'unknown', ''])('above dollars need a price, and %j is none', (price) => {
    const refusal = refusalOf({ TREX_TWO_APPROVERS_ABOVE: '$20', TREX_USD_PER_HOUR: price });
    expect(refusal).toContain('TREX_TWO_APPROVERS_ABOVE');
    expect(refusal).toContain('TREX_USD_PER_HOUR');
  });

  test('need two people who may approve; nobody named is everybody', () => {
    const refusal = refusalOf({ TREX_TWO_APPROVERS_ABOVE: '30 min', TREX_APPROVERS: 'U1 U1' });
    expect(refusal).toContain('TREX_TWO_APPROVERS_ABOVE');
    expect(refusal).toContain('TREX_APPROVERS');
    expect(parseConfig({ TREX_TWO_APPROVERS_ABOVE: '30 min' }).config.approvers).toEqual([]);
    expect(
      parseConfig({ TREX_TWO_APPROVERS_ABOVE: '30 min', TREX_APPROVERS: 'U1 U2' }).config.approvers,
    ).toEqual(['U1', 'U2']);
  });

  test('and no word about one own request: a switch of its own', () => {
    expect(parseConfig({}).config.noSelfApproval).toBe(false);
    expect(parseConfig({ TREX_NO_SELF_APPROVAL: 'true' }).config.noSelfApproval).toBe(true);
    expect(refusalOf({ TREX_NO_SELF_APPROVAL: 'yes' })).toContain('TREX_NO_SELF_APPROVAL');
  });
});

describe('a language model', () => {
  const model = { TREX_MODEL: 'big', OPENAI_API_KEY: 'sk-hidden' };

  test('is used when it is named, and a key alone names none', () => {
    expect(parseConfig({}).config.model).toBeNull();
    expect(parseConfig({ OPENAI_API_KEY: 'sk-hidden' }).config.model).toBeNull();
    expect(parseConfig(model).config.model).toEqual({
      baseUrl: 'https://api.openai.com/v1',
      strong: { model: 'big', price: null },
      small: { model: 'big', price: null },
      timeoutMs: 120_000,
      retries: 2,
      maxOutputTokens: 8000,
      promptTokens: 6000,
      cap: { tokens: 2_000_000, usd: null },
    });
  });

  test('of a server of your own needs no key', () => {
    const local = {
      TREX_MODEL: 'qwen3:8b',
      OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1/',
      TREX_MODEL_PRICE: '0 / 0',
    };
    const { config, secrets } = parseConfig(local);
    expect(config.model?.baseUrl).toBe('http://127.0.0.1:11434/v1');
    expect(config.model?.small.price).toEqual({ inputUsd: 0, outputUsd: 0 });
    expect(secrets.openaiApiKey).toBeNull();
  });

  test('and a small one beside it have prices of their own', () => {
    const { config } = parseConfig({
      ...model,
      TREX_MODEL_PRICE: '$1.25/$10',
      TREX_SMALL_MODEL: 'little',
      TREX_SMALL_MODEL_PRICE: '0.05 / 0.4',
      TREX_THINKING_CAP_USD: '5',
    });
    expect(config.model?.strong).toEqual({ model: 'big', price: { inputUsd: 1.25, outputUsd: 10 } });
    expect(config.model?.small).toEqual({ model: 'little', price: { inputUsd: 0.05, outputUsd: 0.4 } });
    expect(config.model?.cap.usd).toBe(5);
  });

  test('half configured does not parse, and the message names what is missing', () => {
    expect(refusalOf({ TREX_MODEL: 'big' })).toContain('OPENAI_API_KEY is missing');
    expect(refusalOf({ OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1' })).toContain('TREX_MODEL is missing');
    expect(refusalOf({ TREX_THINKING_CAP_USD: '5' })).toContain('TREX_MODEL is missing');
    expect(refusalOf({ ...model, TREX_THINKING_CAP_USD: '5' })).toContain('Set TREX_MODEL_PRICE');
    const priced = { ...model, TREX_MODEL_PRICE: '1 / 2', TREX_THINKING_CAP_USD: '5' };
    expect(refusalOf({ ...priced, TREX_SMALL_MODEL: 'little' })).toContain('Set TREX_SMALL_MODEL_PRICE');
    expect(refusalOf({ ...model, TREX_MODEL_PRICE: 'cheap' })).toContain('TREX_MODEL_PRICE: cheap');
    expect(refusalOf({ ...model, OPENAI_BASE_URL: 'file:///etc' })).toContain('OPENAI_BASE_URL');
    expect(refusalOf({ ...model, TREX_MODEL_PROMPT_TOKENS: '500' })).toContain('TREX_MODEL_PROMPT_TOKENS');
  });

  test('keeps its key out of what may be logged', () => {
    const { config, secrets } = parseConfig(model);
    expect(JSON.stringify(config)).not.toContain('hidden');
    expect(secrets.openaiApiKey).toBe('sk-hidden');
  });
});

describe('the documents', () => {
  const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

  test('docs/configuration.md lists every variable with its default, and no other', () => {
    const rows = [
      ...read('docs/configuration.md').matchAll(/^\| `([A-Z][A-Z0-9_]+)` \| ([^|]*) \| ([^|]+) \|$/gm),
    ];
    const listed = Object.fromEntries(rows.map(([, name = '', value = '']) => [name, value.trim()]));
    const expected = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [
        name,
        value === null || value === '' ? '' : `\`${value}\``,
      ]),
    );
    expect(listed).toEqual(expected);
  });

  test('.env.example holds every variable, commented out, with its default', () => {
    const lines = read('.env.example').split('\n');
    const set = lines.filter((line) => line !== '' && !line.startsWith('#'));
    expect(set).toEqual([]);
    const listed = lines.flatMap((line) => {
      const [, name, value = ''] = /^#\s?([A-Z][A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value]];
    });
    expect(listed.map(([name]) => name).sort()).toEqual(Object.keys(variables).sort());
    for (const [name = '', value] of listed) {
      const usual = variables[name];
      if (usual !== null && usual !== '') expect(`${name}=${value}`).toBe(`${name}=${usual}`);
    }
  });
});

describe('Slurm', () => {
  const slurm = { TREX_CLUSTER: 'slurm' };

  test('needs nothing but its name on the login node itself', () => {
    const { config } = parseConfig({ ...slurm, TREX_DATA_DIR: '/home/me/trex' });
    expect(config.slots).toBe(4);
    expect(config.cluster).toMatchObject({
      kind: 'slurm',
      host: null,
      files: 'shared',
      dir: '/home/me/trex/slurm',
      partition: null,
      gres: 'gpu',
      sbatchLines: [],
      pollMs: 30_000,
    });
  });

  test('takes options, lines and words of the site', () => {
    const { config } = parseConfig({
      ...slurm,
      TREX_SLURM_HOST: 'me@login.example.org',
      TREX_SLURM_FILES: 'copied',
      TREX_SLURM_DIR: '/scratch/me/trex',
      TREX_SLURM_SBATCH: '--constraint=a100; --mem=64G',
      TREX_SLURM_SETUP: '. /etc/profile; module load cuda/12.4',
      TREX_SLURM_CONTAINER: 'apptainer exec  --nv /images/train.sif',
    });
    expect(config.cluster).toMatchObject({
      sbatchLines: ['--constraint=a100', '--mem=64G'],
      setupLines: ['. /etc/profile; module load cuda/12.4'],
      container: ['apptainer', 'exec', '--nv', '/images/train.sif'],
    });
  });

  test('does not parse by halves', () => {
    expect(refusalOf({ TREX_SLURM_PARTITION: 'gpu' })).toMatch(/TREX_SLURM_PARTITION.*TREX_CLUSTER=slurm/);
    expect(refusalOf({ ...slurm, TREX_SLURM_FILES: 'copied' })).toContain('TREX_SLURM_HOST');
    expect(refusalOf({ ...slurm, TREX_SLURM_FILES: 'copied', TREX_SLURM_HOST: 'login' })).toContain(
      'TREX_SLURM_DIR',
    );
    expect(refusalOf({ ...slurm, TREX_SLURM_SSH_CONFIG: 'ssh.conf' })).toContain('TREX_SLURM_HOST');
    expect(refusalOf({ ...slurm, TREX_DATA_DIR: "/home/it's" })).toContain('TREX_SLURM_DIR');
  });

  test.each([
    { TREX_SLURM_PARTITION: 'gpu\n#SBATCH --uid=0' },
    { TREX_SLURM_QOS: 'a b' },
    { TREX_SLURM_DIR: '/scratch/$(id)' },
    { TREX_SLURM_DIR: 'scratch' },
    { TREX_SLURM_SBATCH: '--mem=1G\ntouch /x' },
    { TREX_SLURM_SBATCH: 'touch /x' },
    { TREX_SLURM_HOST: '-oProxyCommand=x' },
  ])('%j is refused', (wrong) => {
    expect(refusalOf({ ...slurm, ...wrong })).toContain(Object.keys(wrong)[0]);
  });
});

describe('Kubernetes', () => {
  const kubernetes = {
    ...{
      TREX_CLUSTER: 'kubernetes',
      TREX_DATA_DIR: '/data/trex',
      TREX_K8S_IMAGE: 'registry.example.org/trex:1.2',
    },
    ...{ TREX_K8S_CLAIM: 'trex-data', TREX_K8S_MOUNT: '/data' },
  };

  test('needs an image and a volume that bot and pods share', () => {
    const { config } = parseConfig(kubernetes);
    expect(config.slots).toBe(4);
    expect(config.cluster).toEqual({
      ...{ kind: 'kubernetes', context: null, namespace: null, image: 'registry.example.org/trex:1.2' },
      ...{ claim: 'trex-data', mount: '/data', queue: null, nodeSelector: {}, tolerations: [] },
      ...{ serviceAccount: null, pullSecret: null, priorityClass: null, cpu: null, memory: null },
      pollMs: 15_000,
    });
  });

  test('takes labels and taints in the words of kubectl', () => {
    const { config } = parseConfig({
      ...kubernetes,
      TREX_K8S_NODE_SELECTOR: 'gpu.nvidia.com/class=H100, pool=train',
      TREX_K8S_TOLERATIONS: 'nvidia.com/gpu=present:NoSchedule, spot, dedicated=training',
    });
    expect(config.cluster).toMatchObject({
      nodeSelector: { 'gpu.nvidia.com/class': 'H100', pool: 'train' },
      tolerations: [
        { key: 'nvidia.com/gpu', operator: 'Equal', value: 'present', effect: 'NoSchedule' },
        { key: 'spot', operator: 'Exists' },
        { key: 'dedicated', operator: 'Equal', value: 'training' },
      ],
    });
  });

  test.each(['TREX_K8S_IMAGE', 'TREX_K8S_CLAIM', 'TREX_K8S_MOUNT'])('does not parse without %s', (name) => {
    expect(refusalOf({ ...kubernetes, [name]: '' })).toContain(`${name} is missing`);
  });

  test('does not parse by halves', () => {
    expect(refusalOf({ ...kubernetes, TREX_DATA_DIR: '/database' })).toMatch(/TREX_DATA_DIR.*TREX_K8S_MOUNT/);
    expect(refusalOf({ TREX_K8S_IMAGE: 'trex:1' })).toMatch(/TREX_K8S_IMAGE.*TREX_CLUSTER=kubernetes/);
    expect(refusalOf({ ...kubernetes, TREX_SLURM_PARTITION: 'gpu' })).toMatch(
      /TREX_SLURM_PARTITION.*TREX_CLUSTER is kubernetes.*TREX_CLUSTER=slurm/,
    );
  });

  test.each([
    { TREX_K8S_NAMESPACE: 'Training' },
    { TREX_K8S_IMAGE: 'trex:1 --privileged' },
    { TREX_K8S_MOUNT: 'data' },
    { TREX_K8S_NODE_SELECTOR: 'h100' },
    { TREX_K8S_TOLERATIONS: '=x' },
    { TREX_K8S_CPU: 'many' },
    { TREX_K8S_MEMORY: '64 GB' },
    { TREX_K8S_POLL_SECONDS: '0' },
  ])('%j is refused', (wrong) => {
    expect(refusalOf({ ...kubernetes, ...wrong })).toContain(Object.keys(wrong)[0]);
  });
});

describe('half a GPU engine does not parse, and the message names what is missing', () => {
  const gpu = {
    TREX_ENGINE: 'gpu',
    TREX_PYTHON: '/env/bin/python',
    TREX_MODELS: 'models.json',
    TREX_GPU: 'H100',
  };

  test('everything it needs gives an engine', () => {
    expect(parseConfig(gpu).config.engine).toMatchObject({
      kind: 'gpu',
      gpu: 'H100',
      gpus: 1,
      downloads: false,
    });
    expect(parseConfig({}).config.engine).toEqual({ kind: 'nano' });
  });

  test.each(['TREX_PYTHON', 'TREX_MODELS', 'TREX_GPU'])('without %s', (name) => {
    expect(refusalOf({ ...gpu, [name]: '' })).toContain(`${name} is missing`);
  });

  test.each(['TREX_GPUS=4', 'TREX_TRAINER=llamafactory', 'TREX_LM_EVAL_TASKS=mmlu', 'TREX_LM_EVAL_LIMIT=9'])(
    'its variables without it: %s',
    (line) => {
      const [name, value] = line.split('=') as [string, string];
      expect(refusalOf({ [name]: value })).toContain(`${name} is set, and TREX_ENGINE is nano`);
    },
  );

  test('standard tasks are a list of names; what belongs to them alone is refused', () => {
    const standardOf = (more: Record<string, string>) => {
      const { engine } = parseConfig({ ...gpu, ...more }).config;
      return engine.kind === 'gpu' ? engine.standard : undefined;
    };
    expect(standardOf({})).toBeNull();
    expect(standardOf({ TREX_LM_EVAL_TASKS: 'arc_easy, mmlu', TREX_LM_EVAL_DIR: '/tasks' })).toEqual({
      ...{ tasks: ['arc_easy', 'mmlu'], folder: '/tasks', limit: 400 },
    });
    expect(refusalOf({ ...gpu, TREX_LM_EVAL_DIR: '/tasks' })).toContain('TREX_LM_EVAL_TASKS is missing');
    expect(refusalOf({ ...gpu, TREX_LM_EVAL_TASKS: 'mmlu; rm -r /' })).toContain('TREX_LM_EVAL_TASKS');
    expect(refusalOf({ ...gpu, TREX_LM_EVAL_TASKS: 'mmlu', TREX_LM_EVAL_DIR: 'tasks' })).toContain(
      'TREX_LM_EVAL_DIR',
    );
  });
});

describe('code of a language model', () => {
  const model = { TREX_MODEL: 'big', OPENAI_API_KEY: 'sk-hidden' };
  const sandboxOf = (environment: Record<string, string>) =>
    parseConfig({ ...model, ...environment }).config.sandbox;

  test('runs nowhere unless told', () => {
    expect(sandboxOf({})).toBeNull();
    expect(sandboxOf({ TREX_PYTHON_MAP: 'off' })).toBeNull();
  });

  test('runs under bubblewrap or in a container of the site', () => {
    expect(sandboxOf({ TREX_PYTHON_MAP: 'bwrap' })).toEqual({
      sandbox: { kind: 'bwrap' },
      python: 'python3',
    });
    expect(
      sandboxOf({
        TREX_PYTHON_MAP: 'container',
        TREX_PYTHON_MAP_CONTAINER: 'apptainer exec  --containall /images/python.sif',
        TREX_PYTHON_MAP_PYTHON: '/opt/python3.12',
      }),
    ).toEqual({
      sandbox: { kind: 'container', words: ['apptainer', 'exec', '--containall', '/images/python.sif'] },
      python: '/opt/python3.12',
    });
  });

  test('half configured does not parse', () => {
    expect(refusalOf({ ...model, TREX_PYTHON_MAP: 'container' })).toContain(
      'TREX_PYTHON_MAP_CONTAINER is missing',
    );
    expect(refusalOf({ ...model, TREX_PYTHON_MAP_CONTAINER: 'docker run x' })).toContain(
      'TREX_PYTHON_MAP is off',
    );
    expect(refusalOf({ TREX_PYTHON_MAP: 'bwrap' })).toContain('TREX_MODEL is missing');
    expect(refusalOf({ ...model, TREX_PYTHON_MAP: 'on' })).toContain('TREX_PYTHON_MAP');
    expect(refusalOf({ ...model, TREX_PYTHON_MAP_PYTHON: 'python3; rm' })).toContain(
      'TREX_PYTHON_MAP_PYTHON',
    );
  });
});
