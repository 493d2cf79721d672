import { mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, isFinalJobState, type JobRequest, type JobStatus } from '../../src/cluster/port.ts';

/** What an adapter's test file provides, so that every adapter runs the same sentences. */
export interface ClusterHarness {
  /** Connects a fresh adapter; called again it is the bot after a restart. `slots` jobs may run at once. */
  open(slots: number): Promise<Cluster>;
  /** A directory on a disk which jobs and this test share. */
  root: string;
  /** Where a job finds its run directory; unset is the one in the request. */
  dirOf?: (request: JobRequest) => string;
  /** Shortest time limit this cluster keeps to; unset is 1 s. */
  shortestLimitSeconds?: number;
  /** What a submit leaves behind when the bot is killed in the middle of it, one entry per place. */
  interruptedSubmits?: { name: string; run: (request: JobRequest) => Promise<void> }[];
  /** Kills what watches over a running job; the job itself is not touched. */
  killSupervisor?: (key: string) => Promise<void>;
  dispose(): Promise<void>;
}

/** Writes a growing file for as long as anything of the job lives, whatever becomes of its parents. */
const beat = 'while :; do echo beat >> beats.log; sleep 0.05; done';

/** Real jobs of POSIX shell on a real cluster; needs nothing but `sh` on it. */
export function describeCluster(name: string, makeHarness: () => Promise<ClusterHarness>): void {
  describe(`cluster: ${name}`, () => {
    let harness: ClusterHarness;
    let cluster: Cluster;
    let count = 0;

    beforeAll(async () => {
      harness = await makeHarness();
      cluster = await harness.open(3);
    });
    afterAll(() => harness.dispose());

    const request = async (script: string, more: Partial<JobRequest> = {}): Promise<JobRequest> => {
      const key = more.key ?? `job-${process.pid}-${count++}`;
      const dir = more.dir ?? join(harness.root, 'runs', key);
      await mkdir(dir, { recursive: true });
      return { key, dir, argv: ['sh', '-c', script], env: {}, limitSeconds: 60, ...more };
    };
    const until = async (
      key: string,
      isReached: (status: JobStatus) => boolean | Promise<boolean>,
      on: Cluster = cluster,
    ): Promise<JobStatus> => {
      const giveUp = Date.now() + 40_000;
      for (;;) {
        const status = (await on.poll([key])).get(key);
        if (status && (await isReached(status))) return status;
        if (Date.now() > giveUp) throw new Error(`${key} stays ${JSON.stringify(status)}`);
        await sleep(20);
      }
    };
    const ended = (key: string, on?: Cluster): Promise<JobStatus> =>
      until(key, ({ state }) => isFinalJobState(state), on);
    const run = async (script: string, more?: Partial<JobRequest>): Promise<JobStatus> => {
      const job = await request(script, more);
      await cluster.submit(job);
      return ended(job.key);
    };
    const contentOf = async (key: string, file: string): Promise<string> =>
      (await cluster.read(key, file, 0, 65_536)).text;
    const hasBeaten = (key: string) => async (): Promise<boolean> =>
      (await cluster.read(key, 'beats.log', 0, 65_536)).size > 0;
    const expectNothingLeft = async (key: string): Promise<void> => {
      const before = (await cluster.read(key, 'beats.log', 0, 65_536)).size;
      expect(before).toBeGreaterThan(0);
      await sleep(200);
      expect((await cluster.read(key, 'beats.log', 0, 65_536)).size).toBe(before);
    };

    it('runs a program in its directory and keeps what it prints', async () => {
      const job = await request('cat input.txt; echo oops >&2; echo done > result.txt');
      await writeFile(join(job.dir, 'input.txt'), 'hello\n');
      expect(await cluster.submit(job)).toMatchObject({ adopted: false });
      const status = await ended(job.key);
      expect(status).toMatchObject({ key: job.key, state: 'succeeded', exitCode: 0 });
      expect(await contentOf(job.key, 'out.log')).toBe('hello\n');
      expect(await contentOf(job.key, 'err.log')).toBe('oops\n');
      expect(await contentOf(job.key, 'result.txt')).toBe('done\n');
    });

    it('measures the time a job ran, without the time it waited', async () => {
      const status = await run('sleep 0.3');
      expect(status.runSeconds).toBeGreaterThanOrEqual(0.3);
      // Both clocks are read one after the other: a busy machine stands between them.
      const between = ((status.endedAt?.getTime() ?? 0) - (status.startedAt?.getTime() ?? 0)) / 1000;
      expect(Math.abs(status.runSeconds - between)).toBeLessThan(0.05);
      expect(status.submittedAt?.getTime()).toBeLessThanOrEqual(status.startedAt?.getTime() ?? 0);
    });

    it('passes arguments as they are', async () => {
      const words = ['a b', '$HOME', '`id`', "it's", '"', 'line\nbreak', '', '-n', '\\', 'ü'];
      const job = await request('', { argv: ['sh', '-c', 'printf "<%s>" "$@"; echo', 'sh', ...words] });
      await cluster.submit(job);
      await ended(job.key);
      expect(await contentOf(job.key, 'out.log')).toBe(`${words.map((word) => `<${word}>`).join('')}\n`);
    });

    it('reports the exit code of a failure, also one that looks like a signal', async () => {
      expect(await run('exit 7')).toMatchObject({ state: 'failed', exitCode: 7 });
      const status = await run('exit 137');
      expect(status).toMatchObject({ state: 'failed', exitCode: 137 });
      expect(status.signal).toBeUndefined();
    });

    it('reports a program that does not exist as failed', async () => {
      const job = await request('', { argv: ['no-such-program-anywhere'] });
      await cluster.submit(job);
      expect(await ended(job.key)).toMatchObject({ state: 'failed' });
    });

    it('reports the signal that ended a job', async () => {
      expect(await run('kill -s KILL $$')).toMatchObject({ state: 'failed', signal: 'SIGKILL' });
    });

    it('stops a job at its time limit and leaves nothing of it', async () => {
      const limitSeconds = harness.shortestLimitSeconds ?? 1;
      const job = await request(`(${beat}) & ${beat}`, { limitSeconds });
      await cluster.submit(job);
      const status = await ended(job.key);
      expect(status).toMatchObject({ state: 'timeout' });
      expect(status.runSeconds).toBeGreaterThanOrEqual(limitSeconds);
      await expectNothingLeft(job.key);
    });

    it('leaves nothing of a job that ends before its children', async () => {
      const job = await request(`(${beat}) & (trap '' TERM; ${beat}) & sleep 0.2; exit 3`);
      await cluster.submit(job);
      expect(await ended(job.key)).toMatchObject({ state: 'failed', exitCode: 3 });
      await expectNothingLeft(job.key);
    });

    it('cancels a job with its children and grandchildren', async () => {
      const job = await request(`(sh -c '(${beat}) & wait') & wait`);
      await cluster.submit(job);
      await until(job.key, hasBeaten(job.key));
      expect(await cluster.cancel(job.key, 5)).toMatchObject({ key: job.key, state: 'cancelled' });
      await expectNothingLeft(job.key);
      expect(await ended(job.key)).toMatchObject({ state: 'cancelled' });
    });

    it('gives a cancelled job its grace to put things away', async () => {
      const job = await request(`trap 'sleep 0.2; echo saved > kept.txt; exit 0' TERM; ${beat}`);
      await cluster.submit(job);
      await until(job.key, hasBeaten(job.key));
      expect(await cluster.cancel(job.key, 10)).toMatchObject({ state: 'cancelled' });
      expect(await contentOf(job.key, 'kept.txt')).toBe('saved\n');
    });

    it('kills a job that ignores TERM when its grace is over', async () => {
      const job = await request(`trap '' TERM; (${beat}) & ${beat}`);
      await cluster.submit(job);
      await until(job.key, hasBeaten(job.key));
      expect(await cluster.cancel(job.key, 0.3)).toMatchObject({ state: 'cancelled' });
      await expectNothingLeft(job.key);
    });

    it('keeps the state of a job that was final before the cancel', async () => {
      const job = await request('exit 4');
      await cluster.submit(job);
      const status = await ended(job.key);
      expect(await cluster.cancel(job.key, 1)).toEqual(status);
      expect(await cluster.cancel(job.key, 1)).toEqual(status);
    });

    it('runs a job once, however often it is handed in at the same moment', async () => {
      const job = await request('echo ran >> runs.log; sleep 0.2');
      const replies = await Promise.all(Array.from({ length: 8 }, () => cluster.submit(job)));
      expect(replies.filter(({ adopted }) => !adopted)).toHaveLength(1);
      expect(new Set(replies.map(({ clusterJobId }) => clusterJobId)).size).toBe(1);
      await ended(job.key);
      expect(await cluster.submit(job)).toMatchObject({ adopted: true });
      await sleep(200);
      expect(await contentOf(job.key, 'runs.log')).toBe('ran\n');
    });

    it('runs a job once when several bots hand it in at the same moment', async () => {
      const bots = await Promise.all(Array.from({ length: 4 }, () => harness.open(3)));
      const job = await request('echo ran >> runs.log; sleep 0.2');
      const replies = await Promise.all(bots.map((bot) => bot.submit(job)));
      expect(replies.filter(({ adopted }) => !adopted)).toHaveLength(1);
      await ended(job.key);
      expect(await contentOf(job.key, 'runs.log')).toBe('ran\n');
    });

    it('does not run a failed job again under its key', async () => {
      const job = await request('echo ran >> runs.log; exit 1');
      await cluster.submit(job);
      const status = await ended(job.key);
      expect(await cluster.submit(job)).toMatchObject({ adopted: true });
      await sleep(200);
      expect(await ended(job.key)).toEqual(status);
      expect(await contentOf(job.key, 'runs.log')).toBe('ran\n');
    });

    it('refuses a directory that belongs to another job', async () => {
      const first = await request('true');
      await cluster.submit(first);
      const second = await request('true', { dir: first.dir });
      await expect(cluster.submit(second)).rejects.toMatchObject({ code: 'conflict' });
      expect((await cluster.poll([second.key])).get(second.key)).toMatchObject({ state: 'unknown' });
    });

    it('finds running and finished jobs again after a restart of the bot', async () => {
      const job = await request(`${beat}`);
      await cluster.submit(job);
      await until(job.key, hasBeaten(job.key));
      const restarted = await harness.open(3);
      expect((await restarted.poll([job.key])).get(job.key)).toMatchObject({ state: 'running' });
      expect(await restarted.submit(job)).toMatchObject({ adopted: true });
      expect((await restarted.list()).find(({ key }) => key === job.key)).toMatchObject({ state: 'running' });
      expect(await restarted.cancel(job.key, 5)).toMatchObject({ state: 'cancelled' });
      expect((await (await harness.open(3)).poll([job.key])).get(job.key)).toMatchObject({
        state: 'cancelled',
      });
      await expectNothingLeft(job.key);
    });

    it('runs a job once when the bot was killed in the middle of handing it in', async () => {
      for (const { name: place, run: interrupt } of harness.interruptedSubmits ?? []) {
        const job = await request('echo ran >> runs.log');
        await interrupt(job);
        await (await harness.open(3)).submit(job);
        expect(await ended(job.key), place).toMatchObject({ state: 'succeeded' });
        expect(await contentOf(job.key, 'runs.log'), place).toBe('ran\n');
      }
    });

    it('runs no more jobs at once than there are slots, first come first', async () => {
      const narrow = await harness.open(2);
      const log = join(harness.root, `order-${count}.log`);
      const gate = join(harness.root, `gate-${count}`);
      const keys: string[] = [];
      for (let i = 0; i < 6; i++) {
        const job = await request(
          `echo "start ${i}" >> ${log}; while [ ! -e ${gate} ]; do sleep 0.02; done; sleep 0.3; echo "end ${i}" >> ${log}; cp ${log} all.log`,
        );
        await narrow.submit(job);
        keys.push(job.key);
      }
      expect(await narrow.slots()).toEqual({ total: 2, free: 0 });
      const waiting = (await narrow.poll(keys)).get(keys[5] ?? '');
      expect(waiting).toMatchObject({ state: 'queued', runSeconds: 0 });
      expect(await narrow.cancel(keys[3] ?? '', 5)).toMatchObject({ state: 'cancelled', runSeconds: 0 });
      await writeFile(gate, '');
      for (const key of keys) await ended(key, narrow);
      const lines = (await contentOf(keys[5] ?? '', 'all.log')).trim().split('\n');
      let running = 0;
      for (const line of lines) {
        running += line.startsWith('start') ? 1 : -1;
        expect(running).toBeLessThanOrEqual(2);
      }
      const starts = lines
        .filter((line) => line.startsWith('start'))
        .map((line) => Number(line.split(' ')[1]));
      expect(starts.toSorted()).toEqual([0, 1, 2, 4, 5]);
      // Two that start in the same moment may print in either order.
      expect(starts.indexOf(5)).toBeGreaterThanOrEqual(3);
      expect(starts.indexOf(0)).toBeLessThanOrEqual(1);
      expect(await narrow.slots()).toEqual({ total: 2, free: 2 });
    });

    it('reads complete lines by offset', async () => {
      const job = await request(
        `printf 'one\\ntwo\\nhalf' > m.jsonl; while [ ! -e go ]; do sleep 0.02; done; printf ' done\\nünicode\\nlast' >> m.jsonl`,
      );
      await cluster.submit(job);
      await until(job.key, async () => (await cluster.read(job.key, 'm.jsonl', 0, 100)).size === 12);
      expect(await cluster.read(job.key, 'm.jsonl', 0, 100)).toEqual({
        text: 'one\ntwo\n',
        nextOffset: 8,
        size: 12,
      });
      expect(await cluster.read(job.key, 'm.jsonl', 0, 6)).toEqual({
        text: 'one\n',
        nextOffset: 4,
        size: 12,
      });
      expect(await cluster.read(job.key, 'm.jsonl', 8, 100)).toEqual({ text: '', nextOffset: 8, size: 12 });
      await writeFile(join(harness.dirOf?.(job) ?? job.dir, 'go'), '');
      await ended(job.key);
      const rest = await cluster.read(job.key, 'm.jsonl', 8, 100);
      expect(rest).toEqual({ text: 'half done\nünicode\nlast', nextOffset: rest.size, size: 31 });
      expect(await cluster.read(job.key, 'm.jsonl', 8, 4)).toEqual({ text: '', nextOffset: 18, size: 31 });
      expect(await cluster.read(job.key, 'm.jsonl', 99, 4)).toEqual({
        text: 'one\n',
        nextOffset: 4,
        size: 31,
      });
      expect(await cluster.read(job.key, 'absent.txt', 5, 100)).toEqual({ text: '', nextOffset: 0, size: 0 });
    });

    it('reads nothing outside the run directory', async () => {
      const job = await request('ln -s /etc/passwd link.txt; mkdir folder');
      await cluster.submit(job);
      await ended(job.key);
      for (const file of ['../x', '/etc/passwd', 'a/b', '.', '..', '', 'a\0b']) {
        await expect(cluster.read(job.key, file, 0, 100)).rejects.toMatchObject({ fault: 'user' });
      }
      expect(await contentOf(job.key, 'link.txt')).toBe('');
      expect(await contentOf(job.key, 'folder')).toBe('');
    });

    it('says where a file lies, how large it is and what its hash is', async () => {
      const job = await request('printf weights > weights.bin; ln -s /etc/passwd link.txt; mkdir folder');
      await cluster.submit(job);
      await ended(job.key);
      const facts = await cluster.inspect(job.key, 'weights.bin');
      expect(facts).toMatchObject({
        bytes: 7,
        sha256: '9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c',
      });
      expect(facts?.path).toBe(join(await realpath(harness.dirOf?.(job) ?? job.dir), 'weights.bin'));
      for (const file of ['absent.bin', 'link.txt', 'folder']) {
        expect(await cluster.inspect(job.key, file), file).toBeNull();
      }
      await expect(cluster.inspect(job.key, '../x')).rejects.toMatchObject({ fault: 'user' });
      await expect(cluster.inspect('never-seen', 'weights.bin')).rejects.toMatchObject({ code: 'not_found' });
    });

    it('brings files of an ended job to this machine when it is asked for them', async () => {
      const job = await request('printf weights > weights.bin; while [ ! -e go ]; do sleep 0.02; done');
      await cluster.submit(job);
      await until(job.key, ({ state }) => state === 'running');
      await expect(cluster.fetch(job.key, ['weights.bin'])).rejects.toMatchObject({ code: 'conflict' });
      await writeFile(join(harness.dirOf?.(job) ?? job.dir, 'go'), '');
      await ended(job.key);
      for (const bot of [cluster, await harness.open(3)]) {
        await bot.fetch(job.key, ['weights.bin', 'absent.bin']);
        expect(await readFile(join(job.dir, 'weights.bin'), 'utf8')).toBe('weights');
        expect(await bot.inspect(job.key, 'weights.bin')).toMatchObject({ host: null, bytes: 7 });
      }
      expect((await readdir(job.dir)).filter((name) => name.startsWith('.'))).toEqual([]);
      await expect(cluster.fetch(job.key, ['a/b'])).rejects.toMatchObject({ fault: 'user' });
      await expect(cluster.fetch('never-seen', ['weights.bin'])).rejects.toMatchObject({ code: 'not_found' });
    });

    it('removes files and folders of ended jobs, and keeps what links lead to', async () => {
      const kept = join(harness.root, `kept-${count}`);
      await mkdir(kept, { recursive: true });
      await writeFile(join(kept, 'mine.txt'), 'mine');
      const jobs = [
        await request(
          `printf 12345 > weights.bin; mkdir -p checkpoints/deep; printf 123 > checkpoints/deep/state.bin; ln -s ${kept} checkpoints/out; ln -s ${kept} linked; echo said`,
        ),
        await request('printf 1234567 > weights.bin'),
      ];
      for (const job of jobs) await cluster.submit(job);
      for (const { key } of jobs) await ended(key);
      const [first = '', second = ''] = jobs.map(({ key }) => key);
      await cluster.fetch(second, ['weights.bin']);
      const wanted = new Map([
        [first, ['weights.bin', 'checkpoints', 'linked', 'absent']],
        [second, ['weights.bin']],
        ['never-seen', ['weights.bin']],
      ]);
      const freed = await cluster.discard(wanted);
      expect(freed.get(first)).toBeGreaterThanOrEqual(8);
      expect(freed.get(second)).toBeGreaterThanOrEqual(7);
      expect(freed.get('never-seen')).toBe(0);
      for (const job of jobs) {
        for (const dir of [job.dir, harness.dirOf?.(job) ?? job.dir]) {
          const left = await readdir(dir);
          expect(left).toContain('exit.json');
          for (const gone of ['weights.bin', 'checkpoints', 'linked']) expect(left).not.toContain(gone);
        }
        expect((await cluster.poll([job.key])).get(job.key)).toMatchObject({ state: 'succeeded' });
      }
      expect(await readFile(join(kept, 'mine.txt'), 'utf8')).toBe('mine');
      expect(await contentOf(first, 'out.log')).toBe('said\n');
      expect(await cluster.inspect(second, 'weights.bin')).toBeNull();
      const again = await (await harness.open(3)).discard(wanted);
      expect([...again.values()]).toEqual([0, 0, 0]);
    });

    it('removes nothing of a job that has not ended, and no record of its own', async () => {
      const job = await request(`printf 12345 > weights.bin; ${beat}`);
      await cluster.submit(job);
      await until(job.key, hasBeaten(job.key));
      expect((await cluster.discard(new Map([[job.key, ['weights.bin']]]))).has(job.key)).toBe(false);
      expect(await cluster.inspect(job.key, 'weights.bin')).toMatchObject({ bytes: 5 });
      await cluster.cancel(job.key, 1);
      for (const name of ['..', 'a/b', '', '/etc/passwd', 'exit.json', 'cluster.json']) {
        await expect(cluster.discard(new Map([[job.key, [name]]])), name).rejects.toMatchObject({
          fault: 'user',
        });
      }
      expect((await cluster.discard(new Map([['../../etc', ['passwd']]]))).get('../../etc')).toBe(0);
      expect((await cluster.discard(new Map([[job.key, ['weights.bin']]]))).get(job.key)).toBe(5);
    });

    it('shows a job its own variables and none of the bot', async () => {
      process.env.TREX_SECRET_FOR_TEST = 'xoxb-secret';
      try {
        const fresh = await harness.open(3);
        const job = await request('env', { env: { RUN_SEED: '7', WORDS: 'a "b" $c' } });
        await fresh.submit(job);
        await ended(job.key, fresh);
        const text = await contentOf(job.key, 'out.log');
        expect(text).toContain('RUN_SEED=7\n');
        expect(text).toContain('WORDS=a "b" $c\n');
        expect(text).not.toContain('xoxb-secret');
        const names = text.split('\n').flatMap((line) => /^([A-Za-z_]\w*)=/.exec(line)?.[1] ?? []);
        // PWD, OLDPWD, SHLVL and _ are what this job's own `sh` adds.
        const allowed = [
          'PATH',
          'HOME',
          'LANG',
          'TMPDIR',
          'RUN_SEED',
          'WORDS',
          'PWD',
          'OLDPWD',
          'SHLVL',
          '_',
        ];
        expect(names.filter((variable) => !allowed.includes(variable))).toEqual([]);
      } finally {
        delete process.env.TREX_SECRET_FOR_TEST;
      }
    });

    it('knows nothing of keys it was never given', async () => {
      expect((await cluster.poll(['never-seen'])).get('never-seen')).toEqual({
        key: 'never-seen',
        state: 'unknown',
        runSeconds: 0,
      });
      expect(await cluster.cancel('never-seen', 1)).toMatchObject({ state: 'unknown' });
      await expect(cluster.read('never-seen', 'out.log', 0, 100)).rejects.toMatchObject({
        code: 'not_found',
      });
      expect((await cluster.poll(['../../etc'])).get('../../etc')).toMatchObject({ state: 'unknown' });
    });

    it('refuses requests that no cluster could run', async () => {
      const good = await request('true');
      const bad: Partial<JobRequest>[] = [
        { key: '../escape' },
        { key: '' },
        { key: 'UPPER' },
        { key: 'x'.repeat(59) },
        { dir: 'relative/path' },
        { dir: join(harness.root, 'missing') },
        { argv: [] },
        { argv: ['a\0b'] },
        { env: { 'A=B': 'c' } },
        { limitSeconds: 0 },
        { limitSeconds: Number.NaN },
      ];
      for (const wrong of bad) {
        await expect(cluster.submit({ ...good, ...wrong }), JSON.stringify(wrong)).rejects.toMatchObject({
          code: 'bad_job_request',
        });
      }
      expect((await cluster.poll([good.key])).get(good.key)).toMatchObject({ state: 'unknown' });
    });

    it('calls a job lost when its supervisor was killed, and kills what it left', async () => {
      if (!harness.killSupervisor) return;
      const job = await request(`(trap '' TERM; ${beat}) & ${beat}`);
      await cluster.submit(job);
      await until(job.key, hasBeaten(job.key));
      await harness.killSupervisor(job.key);
      const status = await ended(job.key);
      expect(status).toMatchObject({ state: 'lost' });
      expect(status.endedAt).toBeInstanceOf(Date);
      await expectNothingLeft(job.key);
      expect(await cluster.submit(job)).toMatchObject({ adopted: true });
      expect(await ended(job.key)).toEqual(status);
    });
  });
}
