import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, isFinalJobState, type JobRequest, type JobStatus } from '../../src/cluster/port.ts';
import { type OpenOptions, openCluster } from '../support/slurm/open-cluster.ts';
import { type SlurmLab, startSlurm } from '../support/slurm/start-slurm.ts';
import { until as untilSo } from '../support/until.ts';

const beat = 'while :; do echo beat >> beats.log; sleep 0.05; done';

let lab: SlurmLab;
let root: string;
let cluster: Cluster;
let count = 0;

const open = (options: Partial<OpenOptions> = {}): Cluster =>
  openCluster(lab, {
    over: 'login',
    stateDir: join(root, 'state'),
    socketDir: join(root, 'ssh'),
    ...options,
  });
const request = (script: string, more: Partial<JobRequest> = {}): JobRequest => {
  const key = `fail-${process.pid}-${count++}`;
  const dir = join(root, 'runs', key);
  mkdirSync(dir, { recursive: true });
  return { key, dir, argv: ['sh', '-c', script], env: {}, limitSeconds: 60, ...more };
};
const statusOf = async (key: string, on = cluster): Promise<JobStatus> =>
  (await on.poll([key])).get(key) as JobStatus;
const until = async (
  key: string,
  isReached: (status: JobStatus) => boolean,
  on = cluster,
): Promise<JobStatus> => {
  for (const giveUp = Date.now() + 90_000; ; await sleep(100)) {
    const status = await statusOf(key, on);
    if (isReached(status)) return status;
    if (Date.now() > giveUp) throw new Error(`${key} stays ${JSON.stringify(status)}`);
  }
};
const ended = (key: string, on?: Cluster): Promise<JobStatus> =>
  until(key, ({ state }) => isFinalJobState(state), on);
const happens = async (what: string, has: () => boolean): Promise<void> => {
  for (const giveUp = Date.now() + 60_000; !has(); await sleep(50))
    if (Date.now() > giveUp) throw new Error(`${what} does not come`);
};
const hasBegun = (job: JobRequest): Promise<void> =>
  happens(`the first beat of ${job.key}`, () => existsSync(join(job.dir, 'beats.log')));
const expectNothingLeft = async (job: JobRequest): Promise<void> => {
  const size = (): number => readFileSync(join(job.dir, 'beats.log')).length;
  const before = size();
  await sleep(400);
  expect(size()).toBe(before);
};
const stateInSlurm = (key: string): string =>
  lab.slurm('squeue', '-h', '-t', 'all', '-n', key, '-o', '%T').trim();
/** Slurm refuses it for a job that it has started in the meantime by itself. */
function startNow(id: string, key: string): void {
  try {
    lab.slurm('scontrol', 'update', `JobId=${id}`, 'StartTime=now');
  } catch (error) {
    if (stateInSlurm(key) === 'PENDING') throw error;
  }
}
const slurmId = (key: string): string => lab.slurm('squeue', '-h', '-t', 'all', '-n', key, '-o', '%A').trim();

beforeAll(async () => {
  lab = await startSlurm();
  root = mkdtempSync(join(tmpdir(), 'trex-failures-'));
  cluster = open();
});
afterAll(async () => {
  await lab?.stop();
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

describe('what Slurm itself does to a job', () => {
  let slow: JobRequest;
  beforeAll(async () => {
    // Slurm counts in minutes, so this one is begun first and looked at last.
    slow = request(beat, { limitSeconds: 600 });
    await open({ site: { sbatchLines: ['--time=1'] } }).submit(slow);
  });

  it('calls a job that used too much memory by its name', async () => {
    const hog = 'const held = []; setInterval(() => held.push(Buffer.alloc(3e7, 1)), 50)';
    const job = request('', { argv: [process.execPath, '-e', hog], memoryBytes: 150e6 });
    await cluster.submit(job);
    expect(await ended(job.key)).toMatchObject({
      state: 'out_of_memory',
      reason: 'It used more memory than Slurm gave it and was stopped.',
    });
  });

  it('says that a running job was cancelled by somebody else', async () => {
    const job = request(`(${beat}) & ${beat}`);
    await cluster.submit(job);
    await hasBegun(job);
    lab.slurm('scancel', slurmId(job.key));
    expect(await ended(job.key)).toMatchObject({
      state: 'cancelled',
      reason: 'It was cancelled in Slurm itself, not by the bot.',
    });
    await expectNothingLeft(job);
  });

  it('says that a waiting job was cancelled by somebody else', async () => {
    const job = request('true');
    await open({ site: { sbatchLines: ['--hold'] } }).submit(job);
    expect(await statusOf(job.key)).toMatchObject({
      state: 'queued',
      reason: "It waits in Slurm's queue: it is held (JobHeldUser).",
      needsPeople: true,
      runSeconds: 0,
    });
    lab.slurm('scancel', slurmId(job.key));
    const status = await ended(job.key);
    expect(status).toMatchObject({ state: 'cancelled', runSeconds: 0 });
    expect(status.startedAt).toBeUndefined();
  });

  it('never lets a job begin that was cancelled while it waited', async () => {
    const job = request('echo ran > runs.log');
    await open({ site: { sbatchLines: ['--hold'] } }).submit(job);
    expect(await cluster.cancel(job.key, 5)).toMatchObject({ state: 'cancelled', runSeconds: 0 });
    expect(lab.slurm('squeue', '-h', '-n', job.key).trim()).toBe('');
    expect(existsSync(join(job.dir, 'runs.log'))).toBe(false);
  });

  it('does not run a job a second time that Slurm puts back into its queue', async () => {
    const job = request(`echo ran >> runs.log; ${beat}`);
    await open({ site: { sbatchLines: ['--requeue'] } }).submit(job);
    await hasBegun(job);
    lab.slurm('scontrol', 'requeue', slurmId(job.key));
    expect(await ended(job.key)).toMatchObject({
      state: 'lost',
      reason: 'Slurm took it from its node and put it in the queue again.',
    });
    expect(lab.slurm('squeue', '-h', '-t', 'PENDING', '-n', job.key).trim()).toBe('');
    await expectNothingLeft(job);
    expect(readFileSync(join(job.dir, 'runs.log'), 'utf8')).toBe('ran\n');
  });

  it('does not run a job a second time that Slurm has begun again before anybody looked', async () => {
    const job = request(`echo ran >> runs.log; ${beat}`);
    await open({ site: { sbatchLines: ['--requeue'] } }).submit(job);
    await hasBegun(job);
    const id = slurmId(job.key);
    lab.slurm('scontrol', 'requeue', id);
    await happens('the end of the first run', () => existsSync(join(job.dir, 'stopped.json')));
    // Slurm sets the time of the second start once more when the first has been cleared away.
    await happens('the second start', () => {
      if (stateInSlurm(job.key) === 'PENDING') startNow(id, job.key);
      return existsSync(join(job.dir, 'exit.json'));
    });
    expect(await ended(job.key)).toMatchObject({ state: 'lost' });
    expect(readFileSync(join(job.dir, 'runs.log'), 'utf8')).toBe('ran\n');
  });

  it('calls a job lost whose node failed, and ends what still runs there', async () => {
    const job = request(beat);
    await open({ site: { sbatchLines: ['--nodelist=n2'] } }).submit(job);
    await hasBegun(job);
    await lab.killNode('n2');
    const status = await ended(job.key);
    expect(status).toMatchObject({ state: 'lost', reason: 'The node n2 failed.' });
    await sleep(2_500);
    await expectNothingLeft(job);
    await lab.startNode('n2');
  });

  it('says that Slurm ended a job at its own limit', async () => {
    expect(await ended(slow.key)).toMatchObject({
      state: 'timeout',
      reason: 'Slurm stopped it at its time limit.',
    });
    await expectNothingLeft(slow);
  });
});

describe('a controller that is down', () => {
  it('fails calls for the time being, and loses nothing', { timeout: 110_000 }, async () => {
    const [long, short] = [request(beat), request('while [ ! -e go ]; do sleep 0.05; done; exit 3')];
    for (const job of [long, short]) await cluster.submit(job);
    await hasBegun(long);
    await lab.stopController();
    writeFileSync(join(short.dir, 'go'), '');
    const down = { code: 'slurm_down', fault: 'cluster' };
    await expect(cluster.poll([long.key])).rejects.toMatchObject(down);
    const later = request('echo ran >> runs.log');
    await expect(cluster.submit(later)).rejects.toMatchObject({ fault: 'cluster' });
    await expect(cluster.slots()).rejects.toMatchObject(down);
    // The end of a job does not need the controller, and neither does the wish to end one.
    expect(await statusOf(short.key)).toMatchObject({ state: 'failed', exitCode: 3 });
    await expect(cluster.cancel(long.key, 1)).rejects.toMatchObject(down);
    await lab.startController();
    await cluster.submit(later);
    expect(await ended(later.key)).toMatchObject({ state: 'succeeded' });
    expect(readFileSync(join(later.dir, 'runs.log'), 'utf8')).toBe('ran\n');
    expect(await cluster.cancel(long.key, 1)).toMatchObject({ state: 'cancelled' });
    await expectNothingLeft(long);
  });

  it('does not take a job for another that got its number', { timeout: 110_000 }, async () => {
    const held = open({ site: { sbatchLines: ['--hold'] } });
    for (let attempt = 0; ; attempt++) {
      const lost = request('true');
      const { clusterJobId } = await held.submit(lost);
      await lab.stopController('SIGKILL');
      await lab.startController();
      const other = request('exit 5');
      const second = await cluster.submit(other);
      expect(await ended(other.key)).toMatchObject({ state: 'failed', exitCode: 5 });
      // The controller may have written the first one down before it died.
      if (second.clusterJobId !== clusterJobId && attempt < 3) continue;
      expect(second.clusterJobId).toBe(clusterJobId);
      expect(await ended(lost.key)).toMatchObject({
        state: 'lost',
        reason: 'Slurm no longer knows it, and it left no end.',
        runSeconds: 0,
      });
      expect(await cluster.submit(lost)).toMatchObject({ adopted: true });
      return;
    }
  });
});

describe('a full disk', () => {
  let small: string;
  beforeAll(() => {
    small = join(root, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
  });
  // The job's script stands in its folder until slurmstepd has seen it end, which comes after the end itself is read.
  afterAll(async () => {
    await untilSo('nothing to be left on the small disk', 20_000, () => isUnmounted(small));
  });
  const isUnmounted = (path: string): boolean => {
    try {
      execFileSync('umount', [path], { stdio: 'pipe' });
      return true;
    } catch {
      return false;
    }
  };

  it('does not hide how a job ended', async () => {
    const dir = join(small, 'run');
    mkdirSync(dir);
    const job = request('sleep 0.3; head -c 5000000 /dev/zero > big', { dir });
    await cluster.submit(job);
    expect(await ended(job.key)).toMatchObject({
      state: 'failed',
      exitCode: 1,
      reason: 'It failed, and the disk of its run directory is full.',
    });
    rmSync(join(dir, 'big'));
  });

  it('refuses to hand a job in until there is room', async () => {
    const on = open({ stateDir: join(small, 'state') });
    const ballast = join(small, 'ballast');
    const job = request('true');
    try {
      writeFileSync(ballast, Buffer.alloc(2 ** 20));
    } catch {
      // Now it is full.
    }
    await expect(on.submit(job)).rejects.toMatchObject({ code: 'disk_full', fault: 'cluster' });
    rmSync(ballast);
    expect(await on.submit(job)).toMatchObject({ adopted: false });
    expect(await ended(job.key, on)).toMatchObject({ state: 'succeeded' });
  });
});

describe('a site', () => {
  it('refuses what it can never run, in words, and the key stays free', async () => {
    const job = request('true');
    await expect(open({ site: { partition: 'nowhere' } }).submit(job)).rejects.toMatchObject({
      code: 'slurm_refused',
      fault: 'config',
      message: expect.stringContaining('nowhere'),
    });
    expect(await statusOf(job.key)).toMatchObject({ state: 'unknown' });
    expect(await cluster.submit(job)).toMatchObject({ adopted: false });
    expect(await ended(job.key)).toMatchObject({ state: 'succeeded' });
  });

  it.each([
    ['Batch job submission failed: Slurm backup controller in standby mode', 'slurm_not_now'],
    ['Batch job submission failed: Zero Bytes were transmitted or received', 'slurm_not_now'],
    ['Batch job submission failed: Requested partition configuration not available now', 'slurm_not_now'],
    ['the site says: come back tomorrow', 'slurm_not_now'],
    ["env: 'sbatch': No such file or directory", 'slurm_missing'],
    [
      'QOSMaxWallDurationPerJobLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy',
      'slurm_limit',
    ],
  ])('that answers "%s" is offered the same job again', async (said, code) => {
    const folder = mkdtempSync(join(root, 'sbatch-'));
    writeFileSync(
      join(folder, 'sbatch'),
      `#!/bin/bash\ncat > /dev/null\nprintf '%b\\n' ${JSON.stringify(`sbatch: error: ${said}`)} >&2\nexit 1\n`,
      { mode: 0o755 },
    );
    const job = request('true');
    const refused = open({ path: folder }).submit(job);
    await expect(refused).rejects.toMatchObject({ code, fault: 'cluster' });
    await expect(refused).rejects.toThrow(said.split('\n')[0]);
    expect(await statusOf(job.key)).toMatchObject({ state: 'unknown' });
    expect(await cluster.submit(job)).toMatchObject({ adopted: false });
    expect(await ended(job.key)).toMatchObject({ state: 'succeeded' });
  });

  it('tells why a job waits, and that it will not start by itself', async () => {
    const long = request('true', { limitSeconds: 2 * 86_400 });
    await cluster.submit(long);
    // First the one and then the other.
    const { reason } = await until(long.key, ({ needsPeople }) => needsPeople === true);
    expect(reason).toMatch(
      /^It waits in Slurm's queue: it asks for more than its partition allows \(Partition(Config|TimeLimit)\)\.$/,
    );
    expect(await cluster.cancel(long.key, 1)).toMatchObject({ state: 'cancelled', runSeconds: 0 });

    const blocked = request('sleep 30');
    const next = request('true');
    const narrow = open({ site: { partition: 'one' } });
    await narrow.submit(blocked);
    await until(blocked.key, ({ state }) => state === 'running');
    await narrow.submit(next);
    const waiting = await until(next.key, ({ reason }) => reason !== undefined);
    expect(waiting.reason).toMatch(/^It waits in Slurm's queue: (Resources|Priority)\.$/);
    expect(waiting.needsPeople).toBeUndefined();
    lab.slurm('scontrol', 'hold', slurmId(next.key));
    expect(await until(next.key, ({ needsPeople }) => needsPeople === true)).toMatchObject({
      reason: "It waits in Slurm's queue: it is held (JobHeldAdmin).",
    });
    for (const { key } of [next, blocked]) await cluster.cancel(key, 1);
  });

  it('gets its lines, its container and its GPUs into the job', async () => {
    const job = request('echo "$FROM_SETUP|$FROM_CONTAINER|$CUDA_VISIBLE_DEVICES" > seen.txt', { gpus: 2 });
    const site = {
      setupLines: ['export FROM_SETUP="a  b"'],
      container: ['env', 'FROM_CONTAINER=yes'],
    };
    await open({ site }).submit(job);
    expect(await ended(job.key)).toMatchObject({ state: 'succeeded' });
    expect(readFileSync(join(job.dir, 'seen.txt'), 'utf8')).toBe('a  b|yes|0,1\n');
  });

  it('shows no variable of a job in its script, and leaves none on disk', async () => {
    const job = request(beat, { env: { HF_TOKEN: 'hf-hidden' } });
    await cluster.submit(job);
    await hasBegun(job);
    const script = lab.slurm('scontrol', 'write', 'batch_script', slurmId(job.key), '-');
    expect(script).toContain('#SBATCH');
    expect(script).not.toContain('hf-hidden');
    const found = execFileSync('bash', ['-c', `grep -rl hf-hidden "${root}" || true`], { encoding: 'utf8' });
    expect(found).toBe('');
    await cluster.cancel(job.key, 0);
  });
});

describe.each(['login', 'ssh'] as const)('hostile names over %s', (over) => {
  it('stay names', async () => {
    const on = open({ over });
    const evil = `it's "$(touch ${root}/pwned)" \`touch ${root}/pwned\`;\n touch ${root}/pwned %j`;
    const key = `evil-${over}-${process.pid}`;
    const dir = join(root, 'runs', `${over} ${evil.replaceAll('/', '_')}`);
    mkdirSync(dir, { recursive: true });
    const job = {
      ...request('', { key, dir, argv: ['sh', '-c', 'printf %s "$1$EVIL" > seen.txt', 'sh', evil] }),
      env: { EVIL: evil },
    };
    await on.submit(job);
    expect(await ended(key, on)).toMatchObject({ state: 'succeeded' });
    expect((await on.read(key, 'seen.txt', 0, 10_000)).text).toBe(evil + evil);
    expect(existsSync(join(root, 'pwned'))).toBe(false);
  });
});
