import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createApp } from '../src/app.ts';
import type { Cluster, JobRequest } from '../src/cluster/port.ts';
import { parseConfig } from '../src/config/config.ts';
import type { Chat } from '../src/operations/chat.ts';
import { findCampaign } from '../src/operations/view/find-campaign.ts';
import { loadView } from '../src/operations/view/load-view.ts';
import { createPatientEngine } from '../test/support/patient-engine.ts';
import { createRecordingChat } from '../test/support/recording-chat.ts';
import { removeFolder } from '../test/support/remove-folder.ts';
import { missingForSlurm } from '../test/support/slurm/find-slurm.ts';
import { openCluster } from '../test/support/slurm/open-cluster.ts';
import { type SlurmLab, startSlurm } from '../test/support/slurm/start-slurm.ts';
import { createSmallCatalog } from '../test/support/small-catalog.ts';
import { stopEverything } from '../test/support/stop-everything.ts';
import { until } from '../test/support/until.ts';
import type { BenchLine } from './line.ts';

const run = promisify(execFile);
const submissions = 40;
const polls = 7;
const pollSeconds = 1;

/**
 * Our verbs against the commands that a person would type, on a real Slurm of this machine. Jobs are on hold, so that
 * the machine is idle; only the last part trains. About 4 min.
 */
export async function benchCluster(): Promise<BenchLine[]> {
  const missing = missingForSlurm();
  if (missing !== null) throw new Error(missing);
  const lab = await startSlurm();
  const root = mkdtempSync(join(tmpdir(), 'trex-bench-cluster-'));
  try {
    return [
      ...(await measureSubmits(lab, root)),
      ...(await measurePolls(lab, root)),
      ...(await measureScores(lab, root)),
    ];
  } finally {
    await lab.stop();
    await removeFolder(root);
  }
}

const line = (what: string, value: number, unit: string, against?: string, base?: number): BenchLine => ({
  bench: 'cluster',
  case: what,
  value: Number(value.toPrecision(3)),
  unit,
  ...(against !== undefined &&
    base !== undefined && { against, ratio: Number((value / base).toPrecision(2)) }),
});

const open = (lab: SlurmLab, root: string, over: 'login' | 'ssh'): Cluster =>
  openCluster(lab, {
    over,
    stateDir: join(root, 'state'),
    socketDir: join(root, 'ssh'),
    site: { sbatchLines: ['--hold'] },
  });

const makeRequest = (root: string, key: string): JobRequest => {
  const dir = join(root, 'runs', key);
  mkdirSync(dir, { recursive: true });
  return { key, dir, argv: ['true'], env: {}, limitSeconds: 60 };
};

/** One shell command as a person's script would run it, on the login node or through the same ssh. */
const plain = async (lab: SlurmLab, root: string, over: 'login' | 'ssh', command: string): Promise<void> => {
  const socket = [
    '-o',
    'ControlMaster=auto',
    '-o',
    `ControlPath=${join(root, 'plain')}`,
    '-o',
    'ControlPersist=30',
  ];
  const argv =
    over === 'login'
      ? ['sh', '-c', command]
      : ['ssh', '-F', lab.sshConfig, ...socket, '-o', 'BatchMode=yes', 'login', command];
  await run(argv[0] as string, argv.slice(1), {
    env: { ...process.env, ...lab.environment },
    maxBuffer: 2 ** 26,
  });
};

async function measureSubmits(lab: SlurmLab, root: string): Promise<BenchLine[]> {
  const lines: BenchLine[] = [];
  for (const over of ['login', 'ssh'] as const) {
    const cluster = open(lab, root, over);
    await cluster.slots();
    const perSecond = async (work: (i: number) => Promise<unknown>, lanes = 1): Promise<number> => {
      let next = 0;
      const startedMs = performance.now();
      const lane = async (): Promise<void> => {
        for (let i = next++; i < submissions; i = next++) await work(i);
      };
      await Promise.all(Array.from({ length: lanes }, lane));
      return (submissions / (performance.now() - startedMs)) * 1000;
    };
    const sbatch = `sbatch --parsable --hold -o /dev/null --wrap true`;
    const bare = await perSecond(() => plain(lab, root, over, sbatch));
    const ours = await perSecond((i) => cluster.submit(makeRequest(root, `submit-${over}-${i}`)));
    const again = await perSecond((i) => cluster.submit(makeRequest(root, `submit-${over}-${i}`)));
    const four = await perSecond((i) => cluster.submit(makeRequest(root, `lanes-${over}-${i}`)), 4);
    const against = 'a loop of plain sbatch';
    lines.push(
      line(`${over}, submissions`, ours, '1/s', against, bare),
      line(`${over}, submissions, four at once`, four, '1/s', against, bare),
      line(`${over}, repeated submissions, adopted`, again, '1/s', against, bare),
      line(`${over}, plain sbatch`, bare, '1/s'),
    );
  }
  lab.slurm('scancel', '--user=root');
  return lines;
}

async function measurePolls(lab: SlurmLab, root: string): Promise<BenchLine[]> {
  const lines: BenchLine[] = [];
  const keys: string[] = [];
  const submitter = open(lab, root, 'login');
  for (const jobs of [1, 60, 600]) {
    while (keys.length < jobs) {
      const batch = Array.from(
        { length: Math.min(4, jobs - keys.length) },
        (_, i) => `poll-${keys.length + i}`,
      );
      await Promise.all(batch.map((key) => submitter.submit(makeRequest(root, key))));
      keys.push(...batch);
    }
    for (const over of ['login', 'ssh'] as const) {
      const cluster = open(lab, root, over);
      await cluster.slots();
      const ours = await median(async () => {
        const statuses = await cluster.poll(keys);
        if ([...statuses.values()].some(({ state }) => state !== 'queued'))
          throw new Error('a job is not queued');
      });
      const bare = await median(() => plain(lab, root, over, `squeue -h --me -t all -o '%j|%T'`));
      lines.push(
        line(`${over}, one poll of ${jobs} jobs`, ours, 'ms', 'one plain squeue', bare),
        line(`${over}, polls of ${jobs} jobs`, 1000 / ours, '1/s'),
      );
      if (jobs === 60) {
        const each = await median(async () => {
          for (const key of keys) await plain(lab, root, over, `squeue -h --me -t all -n ${key} -o '%j|%T'`);
        }, 1);
        lines.push(
          line(`${over}, one plain squeue for each of 60 jobs`, each, 'ms', 'one poll of 60 jobs', ours),
        );
      }
    }
  }
  lab.slurm('scancel', '--user=root');
  return lines;
}

async function median(work: () => Promise<unknown>, rounds = polls): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const startedMs = performance.now();
    await work();
    times.push(performance.now() - startedMs);
  }
  return middle(times);
}

const middle = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/** A whole campaign: from the end of a node's job to its score in the thread, beside a loop of squeue for the same jobs. */
async function measureScores(lab: SlurmLab, root: string): Promise<BenchLine[]> {
  const dataDir = join(root, 'data');
  const { config, secrets } = parseConfig({
    TREX_DATA_DIR: dataDir,
    TREX_PORT: '0',
    TREX_SLOTS: '2',
    TREX_LOG_LEVEL: 'error',
    TREX_CLUSTER: 'slurm',
    TREX_SLURM_HOST: 'login',
    TREX_SLURM_SSH_CONFIG: lab.sshConfig,
    TREX_SLURM_PARTITION: 'two',
    TREX_SLURM_POLL_SECONDS: String(pollSeconds),
  });
  const shownMs = new Map<number, number>();
  const noticedMs = new Map<string, number>();
  const chat = createRecordingChat();
  const watching: Chat = {
    ...chat,
    post: async (message) => {
      note(message.content);
      return chat.post(message);
    },
    update: async (message) => {
      note(message.content);
      return chat.update(message);
    },
  };
  const note = (content: Parameters<Chat['post']>[0]['content']): void => {
    if (content.kind !== 'progress' && content.kind !== 'node') return;
    for (const { number, score } of content.view.nodes)
      if (score !== null && !shownMs.has(number)) shownMs.set(number, Date.now());
  };
  const app = await createApp(config, secrets, {
    chat: watching,
    catalog: createSmallCatalog(),
    engine: createPatientEngine(),
  });
  const ended = new AbortController();
  const loop = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const { stdout } = await run('squeue', ['-h', '-t', 'all', '-o', '%j|%T'], {
        env: { ...process.env, ...lab.environment },
      });
      for (const [name = '', state] of stdout.split('\n').map((row) => row.split('|')))
        if (state === 'COMPLETED' && !noticedMs.has(name)) noticedMs.set(name, Date.now());
      await app.ctx.clock.sleep(pollSeconds * 1000, ended.signal);
    }
  };
  try {
    await app.start();
    const watch = loop();
    const place = { channel: 'C0TRAINING', threadTs: '1000000000.000100' };
    await app.bot.message({
      ...{ teamId: 'T0', channel: place.channel, ts: place.threadTs, threadTs: null, user: 'U0ANA' },
      ...{ files: [], mentioned: true, direct: false },
      text: 'fine-tune nano on the task date, budget 2 hours, never ask, at most 6 rounds',
    });
    const campaignId = await until('a campaign', 5000, () => findCampaign({ ctx: app.ctx, input: place }));
    await until('the brief', 10_000, () => chat.messages.some((m) => m.content.kind === 'brief'));
    await app.bot.start({ campaignId, user: 'U0ANA' });
    await until('the end', 280_000, async () =>
      (await loadView({ ctx: app.ctx, campaignId })).finishedAt === null ? null : true,
    );
    ended.abort();
    await watch;
  } finally {
    ended.abort();
    await stopEverything(app);
  }
  const ours: number[] = [];
  const bare: number[] = [];
  for (const key of readdirSync(join(dataDir, 'runs'))) {
    const number = Number(/-n(\d+)-t\d+-run-a1$/.exec(key)?.[1] ?? Number.NaN);
    const endMs = endOf(join(dataDir, 'runs', key));
    const shown = shownMs.get(number);
    const noticed = noticedMs.get(key);
    // A node that repeats another shows its score only once; its later runs are skipped.
    if (endMs === null || shown === undefined || noticed === undefined || shown < endMs) continue;
    ours.push((shown - endMs) / 1000);
    bare.push((noticed - endMs) / 1000);
  }
  if (ours.length === 0) throw new Error('no round showed a score');
  const against = `a loop of squeue every ${pollSeconds} s that only notices the end`;
  return [
    line(
      `ssh, end of a job to its score in the thread, poll every ${pollSeconds} s, median of ${ours.length}`,
      middle(ours),
      's',
      against,
      middle(bare),
    ),
    line(
      'ssh, end of a job to its score in the thread, longest',
      Math.max(...ours),
      's',
      against,
      Math.max(...bare),
    ),
  ];
}

function endOf(dir: string): number | null {
  try {
    const { why, endedAt } = JSON.parse(readFileSync(join(dir, 'exit.json'), 'utf8'));
    return why === 'exit' ? Date.parse(endedAt) : null;
  } catch {
    return null;
  }
}
