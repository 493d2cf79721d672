import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalCluster } from '../../src/cluster/local/local-cluster.ts';
import { isAlive, listProcesses, ownIdentity } from '../../src/cluster/local/processes.ts';
import { openRunDir } from '../../src/cluster/local/run-dir.ts';
import { openStore } from '../../src/cluster/local/store.ts';
import { type Cluster, isFinalJobState, type JobRequest, type JobStatus } from '../../src/cluster/port.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { describeCluster } from './cluster.ts';

const open = (stateDir: string, slots = 3, more: { gpus?: number } = {}): Cluster =>
  createLocalCluster({ stateDir, slots, graceSeconds: 0.3, log: silentLog, clock: systemClock, ...more });

const recordOf = (request: JobRequest) => ({
  ...request,
  graceSeconds: 0.3,
  submittedAt: new Date().toISOString(),
});

const killSupervisorOf = async (dir: string): Promise<void> => {
  const supervisor = openRunDir(dir).findClaim();
  if (!supervisor) throw new Error('nobody has claimed the job');
  process.kill(supervisor.pid, 'SIGKILL');
  while (isAlive(supervisor)) await sleep(5);
};

const removeRoot = async (root: string): Promise<void> => {
  // Supervisors leave by themselves once the line is empty.
  const own = (): boolean =>
    listProcesses().some(({ pid, zombie }) => !zombie && commandLine(pid).includes(`${root}/state`));
  for (const giveUp = Date.now() + 5_000; own() && Date.now() < giveUp; ) await sleep(20);
  expect(own(), 'a supervisor stayed behind').toBe(false);
  await removeFolder(root);
};

const commandLine = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};

describeCluster('local', async () => {
  const root = await mkdtemp(join(tmpdir(), 'trex-cluster-'));
  const stateDir = join(root, 'state');
  return {
    root,
    open: async (slots) => open(stateDir, slots),
    interruptedSubmits: [
      {
        name: 'directory bound, job not recorded',
        run: async (request) => void openRunDir(request.dir).bind({ key: request.key, argv: request.argv }),
      },
      {
        name: 'job recorded, no ticket',
        run: async (request) => {
          openRunDir(request.dir).bind({ key: request.key, argv: request.argv });
          openStore(stateDir).addJob(recordOf(request));
        },
      },
      {
        name: 'ticket drawn twice, no supervisor',
        run: async (request) => {
          openRunDir(request.dir).bind({ key: request.key, argv: request.argv });
          const store = openStore(stateDir);
          store.addJob(recordOf(request));
          store.enqueue(request.key);
          store.enqueue(request.key);
        },
      },
    ],
    killSupervisor: (key) => killSupervisorOf(join(root, 'runs', key)),
    dispose: () => removeRoot(root),
  };
});

describe('local cluster', () => {
  let root: string;
  let stateDir: string;
  let count = 0;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'trex-local-'));
    stateDir = join(root, 'state');
  });
  afterAll(() => removeRoot(root));

  const request = async (argv: string[], more: Partial<JobRequest> = {}): Promise<JobRequest> => {
    const key = `local-${count++}`;
    const dir = join(root, 'runs', key);
    await mkdir(dir, { recursive: true });
    return { key, dir, argv, env: {}, limitSeconds: 60, ...more };
  };
  const until = async (
    cluster: Cluster,
    key: string,
    state: (status: JobStatus) => boolean,
  ): Promise<JobStatus> => {
    const giveUp = Date.now() + 30_000;
    for (;;) {
      const status = (await cluster.poll([key])).get(key);
      if (status && state(status)) return status;
      if (Date.now() > giveUp) throw new Error(`${key} stays ${JSON.stringify(status)}`);
      await sleep(20);
    }
  };
  const isFinal = ({ state }: JobStatus): boolean => isFinalJobState(state);

  it('leaves jobs running and moves the line on while the bot is dead', async () => {
    const program = `
      import { createLocalCluster } from ${JSON.stringify(new URL('../../src/cluster/local/local-cluster.ts', import.meta.url).href)};
      import { systemClock } from ${JSON.stringify(new URL('../../src/lib/clock.ts', import.meta.url).href)};
      import { silentLog } from ${JSON.stringify(new URL('../../src/lib/log.ts', import.meta.url).href)};
      const cluster = createLocalCluster({ stateDir: ${JSON.stringify(stateDir)}, slots: 1, log: silentLog, clock: systemClock });
      for (const request of JSON.parse(process.env.REQUESTS)) await cluster.submit(request);
      console.log('submitted');
      setInterval(() => {}, 1000);`;
    const requests = [
      await request(['sh', '-c', 'sleep 0.6; echo a > done.txt']),
      await request(['sh', '-c', 'sleep 0.2; echo b > done.txt']),
    ];
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm')).href;
    const bot: ChildProcess = spawn(
      process.execPath,
      ['--import', tsx, '--input-type=module', '-e', program],
      {
        env: { ...process.env, REQUESTS: JSON.stringify(requests) },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(bot.stdout as NodeJS.ReadableStream, 'data');
    bot.kill('SIGKILL');
    await once(bot, 'exit');
    const [first, second] = requests as [JobRequest, JobRequest];
    expect(existsSync(join(first.dir, 'done.txt'))).toBe(false);
    while (!existsSync(join(second.dir, 'exit.json'))) await sleep(20);
    const statuses = await open(stateDir).poll([first.key, second.key]);
    expect([...statuses.values()].map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  });

  it('finds workers that gave themselves a session of their own', async () => {
    const cluster = open(stateDir);
    const beat = 'while :; do echo beat >> beats.log; sleep 0.05; done';
    const worker = `require('node:child_process').spawn('sh', ['-c', ${JSON.stringify(beat)}], { detached: true }); setInterval(() => {}, 1000)`;
    const job = await request([process.execPath, '-e', worker]);
    await cluster.submit(job);
    while (!existsSync(join(job.dir, 'beats.log'))) await sleep(20);
    await cluster.cancel(job.key, 0.2);
    const size = (): number => readFileSync(join(job.dir, 'beats.log')).length;
    const before = size();
    await sleep(200);
    expect(size()).toBe(before);
  });

  it('stops a job that outgrows its memory', async () => {
    const cluster = open(stateDir);
    const hog = 'const held = []; setInterval(() => held.push(Buffer.alloc(2e7, 1)), 20)';
    const job = await request([process.execPath, '-e', hog], { memoryBytes: 150e6 });
    await cluster.submit(job);
    expect(await until(cluster, job.key, isFinal)).toMatchObject({ state: 'out_of_memory' });
  });

  it('bills a job that went down with the machine only until it was last seen', async () => {
    const cluster = open(stateDir);
    const job = await request(['sleep', '30']);
    await cluster.submit(job);
    const { startedAt } = await until(cluster, job.key, (status) => status.startedAt !== undefined);
    const child = openRunDir(job.dir).findChild();
    process.kill(-(child?.pid ?? Number.NaN), 'SIGSTOP'); // so that the supervisor cannot see it end
    const supervisor = openRunDir(job.dir).findClaim();
    process.kill(supervisor?.pid ?? Number.NaN, 'SIGKILL');
    process.kill(-(child?.pid ?? Number.NaN), 'SIGKILL');
    while (child && isAlive(child)) await sleep(5);
    const lastSeen = new Date((startedAt?.getTime() ?? 0) + 1_500);
    utimesSync(join(job.dir, 'pid.json'), lastSeen, lastSeen);
    const status = await until(cluster, job.key, isFinal);
    expect(status).toMatchObject({ state: 'lost', runSeconds: 1.5 });
  });

  it('shares the GPUs one job after the other, and refuses what it could never run', async () => {
    const cluster = open(stateDir, 3, { gpus: 1 });
    const log = join(root, 'gpu.log');
    const script = `echo start >> ${log}; sleep 0.2; echo end >> ${log}`;
    const jobs = [
      await request(['sh', '-c', script], { gpus: 1 }),
      await request(['sh', '-c', script], { gpus: 1 }),
    ];
    for (const job of jobs) await cluster.submit(job);
    for (const job of jobs) await until(cluster, job.key, isFinal);
    expect(readFileSync(log, 'utf8')).toBe('start\nend\nstart\nend\n');
    await expect(cluster.submit(await request(['true'], { gpus: 2 }))).rejects.toMatchObject({
      fault: 'config',
    });
  });

  it('stops its job and calls it lost when the machine shuts down', async () => {
    const cluster = open(stateDir);
    const job = await request(['sh', '-c', "trap 'echo saved; exit 0' TERM; while :; do sleep 0.05; done"]);
    await cluster.submit(job);
    await until(cluster, job.key, (status) => status.startedAt !== undefined);
    await sleep(100);
    process.kill(openRunDir(job.dir).findClaim()?.pid ?? Number.NaN, 'SIGTERM');
    expect(await until(cluster, job.key, isFinal)).toMatchObject({ state: 'lost', exitCode: 0 });
    expect((await cluster.read(job.key, 'out.log', 0, 100)).text).toBe('saved\n');
  });

  it.runIf(process.platform === 'linux')(
    'hides the secrets of the bot from its supervisors too',
    async () => {
      process.env.TREX_SECRET_FOR_TEST = 'xoxb-secret';
      try {
        const cluster = open(stateDir);
        const job = await request(['sleep', '30']);
        await cluster.submit(job);
        await until(cluster, job.key, (status) => status.startedAt !== undefined);
        const pid = openRunDir(job.dir).findClaim()?.pid;
        expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('xoxb-secret');
        await cluster.cancel(job.key, 0);
      } finally {
        delete process.env.TREX_SECRET_FOR_TEST;
      }
    },
  );

  it('calls a job lost whose directory was removed', async () => {
    const cluster = open(stateDir);
    const job = await request(['true']);
    openStore(stateDir).addJob(recordOf(job));
    await rm(job.dir, { recursive: true });
    expect((await cluster.poll([job.key])).get(job.key)).toMatchObject({ state: 'lost' });
  });

  it('knows a process by its start and its boot, not by its pid alone', () => {
    const me = ownIdentity();
    expect(isAlive(me)).toBe(true);
    expect(isAlive({ ...me, start: '1' })).toBe(false);
    expect(isAlive({ ...me, boot: 'another' })).toBe(false);
  });

  it('takes a zombie for dead', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 2'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [data] = (await once(parent.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const pid = Number(String(data).trim());
    const row = listProcesses().find((process) => process.pid === pid);
    expect(row?.zombie).toBe(false);
    await sleep(300);
    expect(listProcesses().find((process) => process.pid === pid)?.zombie ?? true).toBe(true);
    expect(isAlive({ pid, start: row?.start ?? '', boot: ownIdentity().boot })).toBe(false);
    parent.kill('SIGKILL');
  });
});
