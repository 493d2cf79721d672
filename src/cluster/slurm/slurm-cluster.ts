import { asError, ConflictError, NotFoundError, TrexError } from '../../lib/errors.ts';
import type { Exit } from '../exit.ts';
import { readObject, writeOnce } from '../files.ts';
import {
  assertDiscardable,
  assertFileName,
  assertJobRequest,
  assertReadRange,
  isJobKey,
} from '../job-request.ts';
import { bySubmission, endedStatus } from '../job-status.ts';
import { type Cluster, isFinalJobState, type JobStatus } from '../port.ts';
import { createVerdictMemory, type JudgedClusterOptions } from '../verdict-memory.ts';
import { call, type LoginNode } from './call.ts';
import { type Evidence, type Look, parseLook, parseObject } from './evidence.ts';
import { isActive, judge } from './judge.ts';
import { finalRefusal } from './refusals.ts';
import { renderJob, renderWords, type Site } from './render-job.ts';
import type { RunFiles } from './run-files.ts';

export interface SlurmClusterOptions extends JudgedClusterOptions {
  node: LoginNode;
  files: RunFiles;
  site: Site;
}

const firstCancelTickMs = 100;
const longestCancelTickMs = 2_000;
/**
 * After the grace: for the batch script to end by itself, and then for Slurm to end it, KillWait and epilog included.
 */
const scriptPatienceSeconds = 10;
const slurmPatienceSeconds = 90;
/** Enough for folders of checkpoints on a busy file system. */
const discardTimeoutMs = 600_000;

/**
 * Jobs of a Slurm cluster, through its command line. Every verb is one command on the login node, however many jobs it
 * is about. A job's name is our key; job ids are reused and only distinguish rows of one name.
 */
export function createSlurmCluster(options: SlurmClusterOptions): Cluster {
  const { node, files, site, slots, graceSeconds = 30, settleSeconds = 60, log, clock } = options;
  const memory = createVerdictMemory(settleSeconds);

  const look = async (keys: string[]): Promise<Look> => {
    if (keys.length === 0) return { now: clock.now(), jobs: new Map(), down: null, parts: [] };
    const followed = files.followed(keys).flatMap(({ key, file, offset }) => [key, file, String(offset)]);
    const found = parseLook(await call(node, 'poll', { keys, followed }));
    for (const part of found.parts) files.offer(part);
    return found;
  };

  const statusesOf = async (keys: string[]): Promise<Map<string, JobStatus>> => {
    const open = memory.unjudged(keys).filter(isJobKey);
    const found = await look(open);
    const statuses = new Map<string, JobStatus>();
    const ends = new Map<string, { end: Exit; evidence: Evidence }>();
    for (const key of open) {
      const evidence = found.jobs.get(key);
      if (evidence === undefined) continue;
      if (found.down !== null && !evidence.exit) throw slurmIsDown(node, found.down);
      const looksEnded = !evidence.exit && !evidence.rows.some(isActive);
      const verdict = judge(evidence, found.now, memory.isSettled(key, looksEnded, found.now));
      statuses.set(key, verdict.status);
      if ('end' in verdict) ends.set(key, { end: verdict.end, evidence });
    }
    if (ends.size > 0) {
      const written = parseLook(
        await call(node, 'record-ends', {
          ends: [...ends].flatMap(([key, { end }]) => [key, JSON.stringify(end)]),
        }).then((answer) => [...[...ends.keys()].map((key) => jobLine(ends.get(key)?.evidence)), ...answer]),
      );
      for (const [key, { exit, job }] of written.jobs) {
        // If the disk is full now, the end is recorded later; until then the job is not final.
        if (exit === null) {
          statuses.set(key, { ...(statuses.get(key) as JobStatus), state: 'running' });
          continue;
        }
        log.info({ key, exit }, 'job.end_written');
        statuses.set(key, endedStatus(job, exit));
      }
    }
    await Promise.all(
      [...statuses].map(async ([key, status]) => {
        const job = found.jobs.get(key)?.job;
        if (!isFinalJobState(status.state) || job === undefined) return;
        try {
          await files.get(key, job.dir);
          memory.keepFinal(status);
        } catch (error) {
          log.warn({ key, err: asError(error) }, 'job.results_not_fetched');
          const reason = 'It has ended, and its results are being fetched.';
          statuses.set(key, { ...status, state: 'running', reason });
        }
      }),
    );
    return memory.statusesOf(keys, statuses);
  };

  return {
    name: 'slurm',
    isRemote: true,

    async submit(request) {
      assertJobRequest(request);
      const { key, dir, limitSeconds, memoryBytes } = request;
      const binding = `${dir}/cluster.json`;
      if (!writeOnce(binding, { key }) && readObject(binding)?.key !== key) {
        throw new ConflictError(
          `The directory ${dir} already belongs to the job ${readObject(binding)?.key}.`,
        );
      }
      const submittedAt = clock.now().toISOString();
      const folder = `${node.stateDir}/keys/${key}`;
      const [[how = '', clusterJobId = ''] = []] = await call(node, 'submit', {
        key,
        dir: await files.put(request),
        words: renderWords(request).toString('base64'),
        record: base64(JSON.stringify({ dir, submittedAt, limitSeconds, memoryBytes })),
        script: base64(renderJob(request, folder, site, graceSeconds)),
        final: finalRefusal,
      });
      return { clusterJobId, adopted: how === 'adopted' };
    },

    poll: statusesOf,

    async read(key, file, offset, maxBytes) {
      assertFileName(file);
      assertReadRange(offset, maxBytes);
      return files.read(isJobKey(key) ? key : 'none', file, offset, maxBytes);
    },

    async cancel(key, grace) {
      const first = (await statusesOf([key])).get(key) as JobStatus;
      if (first.state === 'unknown' || isFinalJobState(first.state)) return first;
      const ask = (hard: boolean): Promise<unknown> => {
        const at = clock.now().toISOString();
        const never: Exit = { why: 'cancelled', code: null, signal: null, startedAt: null, endedAt: at };
        return call(node, 'cancel', {
          key,
          grace: String(grace),
          claim: JSON.stringify({ jobId: '', startedAt: at }),
          ended: JSON.stringify(never),
          hard: hard ? '1' : '0',
        });
      };
      await ask(false);
      const askedMs = clock.now().getTime();
      let isHard = false;
      for (let tickMs = firstCancelTickMs; ; tickMs = Math.min(longestCancelTickMs, tickMs * 1.5)) {
        const status = (await statusesOf([key])).get(key) as JobStatus;
        if (isFinalJobState(status.state)) {
          const { down, jobs } = await look([key]);
          if (down !== null) throw slurmIsDown(node, down);
          if (!jobs.get(key)?.rows.some(isActive)) return status;
        }
        const lateSeconds = (clock.now().getTime() - askedMs) / 1000 - grace - scriptPatienceSeconds;
        if (lateSeconds > slurmPatienceSeconds) {
          throw new TrexError(
            'cancel_unproven',
            'cluster',
            `Slurm has not ended the job ${key} in ${slurmPatienceSeconds} s.`,
          );
        }
        if (lateSeconds > 0 && !isHard) {
          isHard = true;
          await ask(true);
        }
        await clock.sleep(tickMs);
      }
    },

    async inspect(key, file) {
      assertFileName(file);
      return files.inspect(isJobKey(key) ? key : 'none', file);
    },

    async fetch(key, names) {
      names.forEach(assertFileName);
      const found = await look(isJobKey(key) ? [key] : []);
      const evidence = found.jobs.get(key);
      if (evidence === undefined) throw new NotFoundError(`the job ${key}`);
      if (!evidence.exit) throw new ConflictError(`The job ${key} has not ended.`);
      await files.fetch(key, evidence.job.dir, names);
    },

    async discard(wanted) {
      for (const names of wanted.values()) assertDiscardable(names);
      const pairs = [...wanted].flatMap(([key, names]) => names.flatMap((name) => [key, name]));
      const known = pairs.filter((_, i) => isJobKey(pairs[i - (i % 2)] as string));
      const freed = new Map([...wanted.keys()].filter((key) => !isJobKey(key)).map((key) => [key, 0]));
      if (known.length === 0) return freed;
      const answer = await call(node, 'discard', { wanted: known }, { timeoutMs: discardTimeoutMs });
      const there = parseFreed(answer);
      for (const [key, { bytes, dir }] of there) {
        const here = dir === null ? 0 : await files.discard(key, dir, wanted.get(key) ?? []);
        freed.set(key, bytes + here);
      }
      return freed;
    },

    async list() {
      const keys = (await call(node, 'list', {})).flatMap(([word, key = '']) =>
        word === 'key' ? [key] : [],
      );
      return [...(await statusesOf(keys)).values()]
        .filter(({ state }) => state !== 'unknown')
        .sort(bySubmission);
    },

    async slots() {
      const answer = await call(node, 'count', {});
      const unfinished = Number(answer.find(([word]) => word === 'count')?.[1] ?? 0);
      return { total: slots, free: Math.max(0, slots - unfinished) };
    },
  };
}

/** The answer of discard.sh: bytes by key, and the path of the run directory on the bot's side. */
function parseFreed(answer: string[][]): Map<string, { bytes: number; dir: string | null }> {
  const found = new Map<string, { bytes: number; dir: string | null }>();
  for (const [word, key = '', bytes, ...record] of answer) {
    if (word !== 'freed') continue;
    const dir = parseObject(record.join('\t'))?.dir;
    found.set(key, {
      bytes: (found.get(key)?.bytes ?? 0) + Number(bytes),
      dir: typeof dir === 'string' ? dir : null,
    });
  }
  return found;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The answer of record-ends.sh names ends only; this line names the job that they belong to. */
function jobLine(evidence: Evidence | undefined): string[] {
  return ['job', evidence?.job.key ?? '', JSON.stringify(evidence?.job ?? null)];
}

const slurmIsDown = (node: LoginNode, words: string): TrexError =>
  new TrexError(
    'slurm_down',
    'cluster',
    `Slurm does not answer on ${node.shell.place}: ${words.replace(/^slurm_load_jobs error: /, '').slice(0, 300)}`,
  );
