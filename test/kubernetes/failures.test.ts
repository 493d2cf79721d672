import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Cluster, isFinalJobState, type JobRequest, type JobStatus } from '../../src/cluster/port.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { type OpenOptions, openCluster, pools } from '../support/kubernetes/open-cluster.ts';
import { type FakeKubernetes, startKubernetes } from '../support/kubernetes/start-kubernetes.ts';

/**
 * What goes wrong on Kubernetes, on a fake control plane: an API server on loopback that answers in the shapes of a real
 * one (1.20), with pods whose containers are processes of this machine. No live cluster has been asked.
 */

const beat = 'while :; do echo beat >> beats.log; sleep 0.05; done';

let kubernetes: FakeKubernetes;
let root: string;
let cluster: Cluster;
let count = 0;

const open = (options: Partial<OpenOptions> = {}): Promise<Cluster> =>
  openCluster(kubernetes, { root, ...options });
const request = (script: string, more: Partial<JobRequest> = {}): JobRequest => {
  const key = `fail-${count++}`;
  const dir = join(root, 'runs', key);
  mkdirSync(dir, { recursive: true });
  return { key, dir, argv: ['sh', '-c', script], env: {}, limitSeconds: 60, ...more };
};
const submit = async (script: string, more: Partial<JobRequest> = {}, on = cluster): Promise<JobRequest> => {
  const job = request(script, more);
  await on.submit(job);
  return job;
};
const statusOf = async ({ key }: JobRequest, on = cluster): Promise<JobStatus> =>
  (await on.poll([key])).get(key) as JobStatus;
const until = async (
  job: JobRequest,
  isReached: (status: JobStatus) => boolean,
  on = cluster,
): Promise<JobStatus> => {
  for (const giveUp = Date.now() + 20_000; ; await sleep(30)) {
    const status = await statusOf(job, on);
    if (isReached(status)) return status;
    if (Date.now() > giveUp) throw new Error(`${job.key} stays ${JSON.stringify(status)}`);
  }
};
const ended = (job: JobRequest, on?: Cluster): Promise<JobStatus> =>
  until(job, ({ state }) => isFinalJobState(state), on);
const happens = async (what: string, has: () => boolean): Promise<void> => {
  for (const giveUp = Date.now() + 10_000; !has(); await sleep(20))
    if (Date.now() > giveUp) throw new Error(`${what} does not come`);
};
const hasBegun = (job: JobRequest): Promise<void> =>
  happens(`the first beat of ${job.key}`, () => existsSync(join(job.dir, 'beats.log')));
const begin = async (script: string, more: Partial<JobRequest> = {}, on = cluster): Promise<JobRequest> => {
  const job = await submit(script, more, on);
  await hasBegun(job);
  return job;
};
const expectNothingLeft = async (job: JobRequest): Promise<void> => {
  const size = (): number => readFileSync(join(job.dir, 'beats.log')).length;
  const before = size();
  await sleep(200);
  expect(size()).toBe(before);
};
const podsOf = (job: JobRequest) =>
  [...kubernetes.pods.values()].filter(({ metadata }) => metadata.labels['job-name'] === job.key);
/** The clock of the machine, set forward; sleeping costs no time on it but its own. */
const fastClock = (): Clock & { forward: (seconds: number) => void } => {
  let aheadMs = 0;
  return {
    now: () => new Date(Date.now() + aheadMs),
    sleep: (ms) => {
      aheadMs += ms;
      return systemClock.sleep(1);
    },
    forward: (seconds) => {
      aheadMs += seconds * 1000;
    },
  };
};

describe.runIf(process.platform === 'linux')('Kubernetes', () => {
  beforeAll(async () => {
    kubernetes = await startKubernetes(pools);
    root = mkdtempSync(join(tmpdir(), 'trex-kubernetes-'));
    cluster = await open();
  });
  afterAll(async () => {
    await kubernetes?.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });
  beforeEach(() => {
    kubernetes.trouble.missing.clear();
    kubernetes.habits.hasSidecar = false;
    Object.assign(kubernetes.trouble, { mood: 'well', hasKueue: false, isQuotaUsedUp: false });
  });

  describe('what it does to a job', () => {
    it('lets one wait that finds no GPU, in its own words, and counts no time for that', async () => {
      const first = await begin(beat, { gpus: 2 });
      const second = await submit('sleep 0.3', { gpus: 1, limitSeconds: 4 });
      const waiting = await until(second, ({ reason }) => reason !== undefined);
      expect(waiting).toMatchObject({
        ...{ state: 'queued', runSeconds: 0 },
        reason:
          "It waits: 0/3 nodes are available: 1 Insufficient nvidia.com/gpu, 2 node(s) didn't match Pod's node affinity.",
      });
      await sleep(4200);
      await cluster.cancel(first.key, 1);
      const status = await ended(second);
      expect(status.state).toBe('succeeded');
      expect(status.runSeconds).toBeLessThan(4);
    });

    it('calls one that used too much memory by its name', async () => {
      const hog = 'const held = []; setInterval(() => held.push(Buffer.alloc(3e7, 1)), 30)';
      const job = await submit('', { argv: [process.execPath, '-e', hog], memoryBytes: 150e6 });
      expect(await ended(job)).toMatchObject({
        ...{ state: 'out_of_memory', reason: 'It used more memory than its pod may and was stopped.' },
      });
    });

    it('says that it ended one at its own deadline', async () => {
      const job = await begin(beat);
      kubernetes.find(job.key).pod.spec.activeDeadlineSeconds = 0;
      expect(await ended(job)).toMatchObject({
        ...{ state: 'timeout', reason: 'Kubernetes stopped it at its own deadline.', signal: 'SIGTERM' },
      });
      await expectNothingLeft(job);
    });

    it('gives up one without an image, says what to look at, and frees its node', async () => {
      const image = 'registry.example.org/nope:1';
      const message = `Back-off pulling image "${image}"`;
      kubernetes.badImages.set(image, { reason: 'ImagePullBackOff', message });
      const on = await open({ site: { image } });
      const job = await submit('true', {}, on);
      expect(await until(job, ({ state }) => state !== 'queued', on)).toMatchObject({ state: 'failed' });
      const status = await ended(job, on);
      expect(status).toMatchObject({ state: 'failed', runSeconds: 0 });
      expect(status.reason).toBe(
        `Its container did not start on n3 in 1.5 s: ${message}. Is TREX_K8S_IMAGE right, and TREX_K8S_PULL_SECRET set for a registry with a login?`,
      );
      await happens('the end of its pod', () => podsOf(job).length === 0);
    });

    it('waits for an image that is being pulled, as long as an event says so', async () => {
      const image = 'registry.example.org/huge:1';
      kubernetes.badImages.set(image, { reason: 'ContainerCreating', message: '' });
      kubernetes.pulledImages.add(image);
      const on = await open({ site: { image } });
      const job = await submit('true', {}, on);
      await sleep(3_500);
      expect(await statusOf(job, on)).toMatchObject({
        ...{ state: 'queued', reason: 'Its container is not started yet on n3.', runSeconds: 0 },
      });
      kubernetes.pulledImages.delete(image);
      expect(await ended(job, on)).toMatchObject({
        ...{ state: 'failed', reason: 'Its container did not start on n3 in 1.5 s: ContainerCreating.' },
      });
    });

    it('tells an end by our container, though a sidecar is listed first and never ends', async () => {
      kubernetes.habits.hasSidecar = true;
      const hog = 'const held = []; setInterval(() => held.push(Buffer.alloc(3e7, 1)), 50)';
      const job = await submit('', { argv: [process.execPath, '-e', hog], memoryBytes: 150e6 });
      expect(await ended(job)).toMatchObject({ state: 'out_of_memory' });
      await happens('the end of its pod', () => podsOf(job).length === 0);
      const good = await submit('exit 0');
      expect(await ended(good)).toMatchObject({ state: 'succeeded' });
      await happens('the end of its pod', () => podsOf(good).length === 0);
    });

    it('gives up one whose script cannot begin, in the words of the script', async () => {
      kubernetes.trouble.hasKueue = true;
      const job = await submit('true', {}, await open({ site: { queue: 'night' } }));
      rmSync(join(root, 'state', 'keys', job.key, 'command'));
      admit(job);
      expect(await ended(job)).toMatchObject({
        ...{ state: 'failed', reason: 'It could not be started in its pod: the command cannot be read' },
      });
    });

    it('loses one that it evicts', async () => {
      const job = await begin(beat);
      kubernetes.evict(job.key);
      expect(await ended(job)).toMatchObject({
        state: 'lost',
        reason: 'Kubernetes ended its pod on the node n3: The node was low on resource: memory.',
      });
      await expectNothingLeft(job);
    });

    it('loses one whose place it gives to another', async () => {
      const job = await begin(`trap 'sleep 0.1; exit 3' TERM; ${beat}`);
      kubernetes.preempt(job.key);
      expect(await ended(job)).toMatchObject({ state: 'lost' });
      await expectNothingLeft(job);
    });

    it('loses one whose node is silent, and that one stops when it hears of it', async () => {
      const clock = fastClock();
      const job = await begin(beat);
      kubernetes.loseNode('n3');
      expect(await statusOf(job)).toMatchObject({ state: 'running' });
      clock.forward(120);
      expect(await ended(job, await open({ clock }))).toMatchObject({
        ...{ state: 'lost', reason: 'The node n3 does not answer.' },
      });
      await happens(
        'the end of its program',
        () => !existsSync(join(job.dir, `end.${podsOf(job)[0]?.metadata.name}`)),
      );
      await expectNothingLeft(job);
      kubernetes.findNode('n3');
      await happens('the end of its pod', () => podsOf(job).length === 0);
    });

    it('cannot prove the end of one on a node that is silent', async () => {
      const clock = fastClock();
      const job = await begin(beat);
      kubernetes.loseNode('n3');
      await expect((await open({ clock })).cancel(job.key, 0)).rejects.toMatchObject({
        ...{ code: 'cancel_unproven', fault: 'cluster' },
        message: expect.stringMatching(
          /has not ended the pod fail-\d+-\w+ of the job fail-\d+ on the node n3/,
        ),
      });
      kubernetes.findNode('n3');
      expect(await cluster.cancel(job.key, 0)).toMatchObject({
        state: expect.stringMatching(/cancelled|lost/),
      });
      await happens('the end of its pod', () => podsOf(job).length === 0);
    });

    it('forgets one after days, and its end stands all the same', async () => {
      const [good, bad] = [await submit('exit 5'), await begin(beat)];
      await happens('the end', () => existsSync(join(good.dir, 'exit.json')));
      kubernetes.find(bad.key).container?.killFirst();
      await happens('the end', () => kubernetes.find(bad.key).pod.status.phase === 'Failed');
      for (const { key } of [good, bad]) kubernetes.collect(key);
      const fresh = await open();
      expect(await statusOf(good, fresh)).toMatchObject({ state: 'failed', exitCode: 5 });
      expect(await ended(bad, fresh)).toMatchObject({
        ...{ state: 'lost', reason: 'Kubernetes no longer knows it, and it left no end.' },
      });
      expect(await fresh.submit(good)).toMatchObject({ adopted: true });
      expect(kubernetes.jobs.has(good.key)).toBe(false);
    });
  });

  describe('what somebody else does to a job', () => {
    it('is told of one that ran and was deleted', async () => {
      const job = await begin(`(${beat}) & ${beat}`);
      deleteJob(job);
      expect(await ended(job)).toMatchObject({
        ...{ state: 'cancelled', reason: 'Its Job was deleted in Kubernetes itself, not by the bot.' },
      });
      await expectNothingLeft(job);
    });

    it('is told of one that waited and was deleted', async () => {
      kubernetes.trouble.hasKueue = true;
      const job = await submit('true', {}, await open({ site: { queue: 'night' } }));
      deleteJob(job);
      expect(await ended(job)).toMatchObject({ state: 'cancelled', runSeconds: 0 });
    });

    it.each([false, true])(
      'loses one whose pod was deleted; Kubernetes makes another: %s',
      async (replaces) => {
        kubernetes.habits.replacesPods = replaces;
        const job = await begin(`echo ran >> runs.log; ${beat}`);
        kubernetes.deletePod(kubernetes.find(job.key).pod);
        expect(await ended(job)).toMatchObject({
          state: 'lost',
          reason: 'Its pod was deleted in Kubernetes itself.',
        });
        await expectNothingLeft(job);
        expect(readFileSync(join(job.dir, 'runs.log'), 'utf8')).toBe('ran\n');
        await happens('the end of its Job', () => !replaces || !kubernetes.jobs.has(job.key));
        kubernetes.habits.replacesPods = false;
      },
    );

    it('waits for Kueue, and loses what Kueue takes back', async () => {
      kubernetes.trouble.hasKueue = true;
      const job = await submit(`echo ran >> runs.log; ${beat}`, {}, await open({ site: { queue: 'night' } }));
      expect(await statusOf(job)).toMatchObject({
        ...{
          state: 'queued',
          runSeconds: 0,
          reason: 'It waits until Kueue, or whoever suspended it, lets it go.',
        },
      });
      admit(job);
      await hasBegun(job);
      kubernetes.find(job.key).job.spec.suspend = true;
      expect(await ended(job)).toMatchObject({ state: 'lost', reason: expect.stringContaining('Kueue') });
      await expectNothingLeft(job);
      expect(kubernetes.jobs.has(job.key)).toBe(false);
      expect(readFileSync(join(job.dir, 'runs.log'), 'utf8')).toBe('ran\n');
    });

    it('never lets one begin that was cancelled while it waited', async () => {
      kubernetes.trouble.hasKueue = true;
      const job = await submit('echo ran > runs.log', {}, await open({ site: { queue: 'night' } }));
      expect(await cluster.cancel(job.key, 5)).toMatchObject({ state: 'cancelled', runSeconds: 0 });
      await happens('the end of its Job', () => !kubernetes.jobs.has(job.key));
      expect(existsSync(join(job.dir, 'runs.log'))).toBe(false);
      expect(await cluster.submit(job)).toMatchObject({ adopted: true });
      expect(kubernetes.jobs.has(job.key)).toBe(false);
    });

    it('has the name of one, and keeps it', async () => {
      const job = await begin(beat);
      const elsewhere = mkdtempSync(join(tmpdir(), 'trex-other-'));
      const other = { ...job, dir: join(elsewhere, 'run') };
      mkdirSync(other.dir);
      const on = await open({ root: elsewhere });
      await expect(on.submit(other)).rejects.toMatchObject({
        ...{
          code: 'conflict',
          message: expect.stringContaining(`has a Job ${job.key} already, for the directory ${job.dir}`),
        },
      });
      expect(await statusOf(other, on)).toMatchObject({ state: 'unknown' });
      rmSync(elsewhere, { recursive: true });
      expect(await cluster.cancel(job.key, 0)).toMatchObject({ state: 'cancelled' });
    });
  });

  describe('an API server', () => {
    const down = { code: 'kubernetes_down', fault: 'cluster' };

    it('that is down fails calls for the time being, and loses nothing', async () => {
      const long = await begin(beat);
      const short = await submit('while [ ! -e go ]; do sleep 0.05; done; exit 3');
      await until(short, ({ startedAt }) => startedAt !== undefined);
      await kubernetes.shutDown();
      writeFileSync(join(short.dir, 'go'), '');
      await happens('the end', () => existsSync(join(short.dir, 'exit.json')));
      // The end of a job does not need it, and neither does the wish to end one.
      expect(await statusOf(short)).toMatchObject({ state: 'failed', exitCode: 3 });
      await expect(cluster.poll([long.key])).rejects.toMatchObject(down);
      await expect(cluster.slots()).rejects.toMatchObject(down);
      const later = request('echo ran >> runs.log');
      await expect(cluster.submit(later)).rejects.toMatchObject(down);
      await expect(cluster.cancel(long.key, 1)).rejects.toMatchObject(down);
      await kubernetes.startAgain();
      await cluster.submit(later);
      expect(await ended(later)).toMatchObject({ state: 'succeeded' });
      expect(readFileSync(join(later.dir, 'runs.log'), 'utf8')).toBe('ran\n');
      expect(await cluster.cancel(long.key, 1)).toMatchObject({ state: 'cancelled' });
      await expectNothingLeft(long);
    });

    it('that goes down in the middle of a cancel has the wish granted all the same', async () => {
      const job = await begin(beat);
      await cluster.poll([job.key]);
      kubernetes.trouble.missing.add('delete jobs');
      await expect(cluster.cancel(job.key, 1)).rejects.toMatchObject({ code: 'kubernetes_right_missing' });
      expect(await ended(job)).toMatchObject({ state: 'cancelled' });
      await expectNothingLeft(job);
    });

    it('that goes down before a cancel of a job that waits has it cancelled later, by the next look', async () => {
      kubernetes.trouble.hasKueue = true;
      const job = await submit('echo ran > runs.log', {}, await open({ site: { queue: 'night' } }));
      kubernetes.trouble.missing.add('delete jobs');
      await expect(cluster.cancel(job.key, 1)).rejects.toMatchObject({ code: 'kubernetes_right_missing' });
      // Not begun, and it never will; but not over either.
      admit(job);
      await happens('the end of its pod', () => podsOf(job)[0]?.status.phase === 'Succeeded');
      expect(isFinalJobState((await statusOf(job)).state)).toBe(false);
      kubernetes.trouble.missing.clear();
      expect(await ended(job)).toMatchObject({ state: 'cancelled', runSeconds: 0 });
      await happens('the end of its Job', () => !kubernetes.jobs.has(job.key));
      expect(existsSync(join(job.dir, 'runs.log'))).toBe(false);
    });

    it('that fails, or never answers, is the fault of the cluster', async () => {
      const job = await submit('true');
      kubernetes.trouble.mood = 'failing';
      await expect(cluster.list()).rejects.toMatchObject(down);
      kubernetes.trouble.mood = 'slow';
      const hasty = await open({ timeoutMs: 100 });
      await expect(hasty.poll([job.key])).rejects.toMatchObject({
        code: 'kubernetes_slow',
        fault: 'cluster',
      });
    });

    it('that wants to be left alone for a moment is asked again after it', async () => {
      kubernetes.trouble.busy = { times: 2, retryAfterSeconds: 0 };
      expect(await cluster.slots()).toMatchObject({ total: 8 });
      kubernetes.trouble.busy = { times: 9, retryAfterSeconds: 60 };
      await expect(cluster.slots()).rejects.toMatchObject({ code: 'kubernetes_busy', fault: 'cluster' });
      kubernetes.trouble.busy = { times: 0, retryAfterSeconds: 0 };
    });

    it.each([
      ['create jobs', 'create jobs.batch', (on: Cluster) => on.submit(request('true'))],
      ['list pods', 'list pods', async (on: Cluster) => on.poll([(await submit('true', {}, on)).key])],
      ['list jobs', 'list jobs.batch', (on: Cluster) => on.slots()],
    ])('names the right to %s that the account lacks', async (right, words, work) => {
      kubernetes.trouble.missing.add(right);
      await expect(work(cluster)).rejects.toMatchObject({
        ...{ code: 'kubernetes_right_missing', fault: 'cluster' },
        message: expect.stringContaining(`The bot may not ${words} in the namespace training.`),
      });
    });

    it('is told apart from one that does not know the bot, or has no such namespace', async () => {
      const stranger = await open({ context: 'stranger' });
      await expect(stranger.slots()).rejects.toMatchObject({ code: 'kubernetes_login', fault: 'cluster' });
      const nowhere = await open({ context: 'nowhere' });
      const job = request('true');
      await expect(nowhere.submit(job)).rejects.toMatchObject({
        ...{ code: 'kubernetes_namespace', message: expect.stringContaining('nowhere') },
      });
      expect(await statusOf(job)).toMatchObject({ state: 'unknown' });
      expect(await cluster.submit(job)).toMatchObject({ adopted: false });
    });

    it('with a quota that is used up takes the job later', async () => {
      kubernetes.trouble.isQuotaUsedUp = true;
      const job = request('true');
      await expect(cluster.submit(job)).rejects.toMatchObject({ code: 'quota_used_up', fault: 'cluster' });
      kubernetes.trouble.isQuotaUsedUp = false;
      expect(await cluster.submit(job)).toMatchObject({ adopted: false });
    });

    it('is asked twice for a look, however many jobs it is about', async () => {
      kubernetes.trouble.hasKueue = true;
      const on = await open({ site: { queue: 'night' } });
      const jobs = await Promise.all(Array.from({ length: 60 }, () => submit('true', {}, on)));
      for (const some of [jobs.slice(0, 3), jobs]) {
        kubernetes.asked.length = 0;
        const statuses = await on.poll(some.map(({ key }) => key));
        expect([...statuses.values()].every(({ state }) => state === 'queued')).toBe(true);
        expect(kubernetes.asked.sort()).toEqual(['list jobs', 'list pods']);
      }
    });

    it('is not used at all without a context to find it by', async () => {
      await expect(open({ context: 'missing' })).rejects.toMatchObject({
        ...{ code: 'bad_config', fault: 'config' },
        message: 'TREX_K8S_CONTEXT: the kubeconfig has no context missing, only fake, nowhere, stranger.',
      });
    });
  });

  describe('a volume', () => {
    it('takes no job from outside of it', async () => {
      const job = request('true');
      const on = await open({ site: { mount: join(root, 'elsewhere') } });
      await expect(on.submit(job)).rejects.toMatchObject({ code: 'not_on_volume', fault: 'config' });
      expect(await statusOf(job)).toMatchObject({ state: 'unknown' });
    });

    it('keeps names and words as they are, whatever is in them', async () => {
      const evil = `it's "$(touch ${root}/pwned)" $(POD_NAME) $$ \`touch ${root}/pwned\`;\n touch ${root}/pwned %s`;
      const dir = join(root, 'runs', evil.replaceAll('/', '_'));
      mkdirSync(dir);
      const job = await submit('', {
        ...{ dir, argv: ['sh', '-c', 'printf %s "$1$EVIL" > seen.txt', 'sh', evil], env: { EVIL: evil } },
      });
      expect(await ended(job)).toMatchObject({ state: 'succeeded' });
      expect((await cluster.read(job.key, 'seen.txt', 0, 10_000)).text).toBe(evil + evil);
      expect(existsSync(join(root, 'pwned'))).toBe(false);
    });

    it('shows no variable of a job in its manifest, and holds none once it has begun', async () => {
      const job = await begin(beat, { env: { HF_TOKEN: 'hf-hidden' } });
      const { job: object, pod } = kubernetes.find(job.key);
      expect(JSON.stringify([object, pod])).not.toContain('hf-hidden');
      expect(readdirSync(join(root, 'state', 'keys', job.key)).sort()).toEqual(['id.json', 'record.json']);
      const found = execFileSync('sh', ['-c', `grep -rl hf-hidden "${root}" || true`], { encoding: 'utf8' });
      expect(found).toBe('');
      await cluster.cancel(job.key, 0);
    });
  });
});

/** Kueue found room for it. */
function admit({ key }: JobRequest): void {
  const job = kubernetes.jobs.get(key);
  if (job === undefined) throw new Error(`no Job ${key}`);
  job.spec.suspend = false;
}

/** As `kubectl delete job` does it. */
function deleteJob({ key }: JobRequest): void {
  const pods = [...kubernetes.pods.values()].filter(({ metadata }) => metadata.labels['job-name'] === key);
  kubernetes.jobs.delete(key);
  for (const pod of pods) kubernetes.deletePod(pod);
}
