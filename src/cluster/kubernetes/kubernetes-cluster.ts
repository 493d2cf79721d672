import { join } from 'node:path';
import { asError, ConflictError, NotFoundError, TrexError } from '../../lib/errors.ts';
import { hashFile } from '../../lib/hash-file.ts';
import { assertDiscardable, assertFileName, assertJobRequest, assertReadRange } from '../job-request.ts';
import { bySubmission, endedStatus, type SubmittedJob } from '../job-status.ts';
import { type Cluster, isFinalJobState, type JobRequest, type JobStatus } from '../port.ts';
import { readLines } from '../read-lines.ts';
import { removeFiles } from '../remove-files.ts';
import { createVerdictMemory, type JudgedClusterOptions } from '../verdict-memory.ts';
import type { KubernetesApi } from './api.ts';
import { type Evidence, gatherEvidence, type Listed, parseJob, parseListed } from './evidence.ts';
import { isActive, judge } from './judge.ts';
import { openRecords, openRun } from './records.ts';
import { keyLabel, ours, renderJob, type Site, terminationSeconds } from './render-job.ts';

export interface KubernetesClusterOptions extends JudgedClusterOptions {
  api: KubernetesApi;
  site: Site;
  /** Folder of our own records, on the volume that the pods mount. */
  stateDir: string;
  /** Maximum time for a pod on its node before our container runs, seconds; unset is 5 minutes. */
  startSeconds?: number;
  /** The same while its node pulls the image, where the bot may list events, seconds; unset is half an hour. */
  pullSeconds?: number;
}

const firstCancelTickMs = 100;
const longestCancelTickMs = 2_000;
/** Beyond the time that Kubernetes gives a pod to stop: for deleting, and for polling. */
const cancelPatienceSeconds = 30;
/** More keys than these would make an address that proxies refuse; then all Jobs of ours are listed. */
const maxKeysInAddress = 50;

/**
 * Jobs of Kubernetes, with run directories on a volume that the bot and the pods mount under the same path. A Job's
 * name is our key. A poll is one list of Jobs and one of pods, however many jobs it is about.
 */
export function createKubernetesCluster(options: KubernetesClusterOptions): Cluster {
  const { api, site, stateDir, slots, log, clock } = options;
  const { graceSeconds = 30, settleSeconds = 60, startSeconds = 300, pullSeconds = 1800 } = options;
  const records = openRecords(stateDir);
  const memory = createVerdictMemory(settleSeconds);

  const look = async (keys: string[]): Promise<Listed> => {
    const labels =
      keys.length <= maxKeysInAddress ? `${keyLabel} in (${keys.join(',')})` : `${ours.label}=${ours.value}`;
    return parseListed(...(await Promise.all([api.listJobs(labels), api.listPods(labels)])));
  };

  const statusesOf = async (keys: string[]): Promise<Map<string, JobStatus>> => {
    const open = memory.unjudged(keys).filter((key) => records.find(key) !== undefined);
    // Before the files: a job that ends in between is then seen as ended, not as vanished.
    let listed: Listed = { jobs: new Map(), pods: new Map() };
    let down: unknown;
    if (open.length > 0) {
      try {
        listed = await look(open);
      } catch (error) {
        down = error;
      }
    }
    const statuses = new Map<string, JobStatus>();
    for (const key of open) {
      const evidence = gatherEvidence(records, key, listed);
      if (evidence === undefined) continue;
      if (down !== undefined && !evidence.exit) throw down;
      const status = await settle(evidence);
      statuses.set(key, status);
      if (isFinalJobState(status.state)) {
        memory.keepFinal(status);
        records.removeCommand(key);
      }
    }
    return memory.statusesOf(keys, statuses);
  };

  /** The verdict on the evidence; an end without an exit.json is recorded. */
  const settle = async (evidence: Evidence): Promise<JobStatus> => {
    const { job, object } = evidence;
    const { key, dir } = job;
    const now = clock.now();
    const looksEnded = !evidence.exit && !evidence.pods.some(isActive);
    const isSettled = memory.isSettled(key, looksEnded, now);
    let verdict = judge(evidence, now, { isSettled, startSeconds });
    if ('end' in verdict && verdict.end.why === 'start' && (await isPulling(evidence)))
      verdict = judge(evidence, now, { isSettled, startSeconds: pullSeconds });
    const { status } = verdict;
    const run = openRun(dir);
    try {
      // Kubernetes must not start the Job again, nor hold a node for it. A cancel may have failed halfway.
      const isGivenUp = !evidence.exit && ('end' in verdict || !evidence.hasDir || evidence.isCancelled);
      // With a sidecar the pod continues, and holds its GPU, long after our script has ended.
      const isLeftOver = evidence.exit !== null && evidence.pods.some(({ hasCompany }) => hasCompany);
      if ((isGivenUp || isLeftOver) && object && !object.isDeleting) await api.deleteJob(key);
      if (!('end' in verdict)) return status;
      run.recordExit(verdict.end);
    } catch (error) {
      log.warn({ key, err: asError(error) }, 'job.end_not_written');
    }
    const exit = run.findExit();
    // If the disk is full now, the end is recorded later; until then the job is not final.
    if (exit === null) return { ...status, state: 'running' };
    log.info({ key, exit }, 'job.end_written');
    return endedStatus(job, exit);
  };

  /**
   * An image of many gigabytes takes long to pull; only an event distinguishes that from a registry that does not
   * answer.
   */
  const isPulling = async ({ pods }: Evidence): Promise<boolean> => {
    const pod = pods.findLast(isActive);
    if (pod?.waiting?.reason !== 'ContainerCreating') return false;
    const words = await api.listEvents(pod.name).catch(() => []);
    return words.at(-1) === 'Pulling';
  };

  /** A taken name is our own submit that was interrupted, or somebody else's Job. */
  const adopt = async ({ key, dir }: JobRequest): Promise<string> => {
    const found = await api.findJob(key);
    if (found === undefined) {
      throw new TrexError('submit_busy', 'cluster', `The Job ${key} was there and is gone again.`);
    }
    const { uid, dir: owner } = parseJob(found);
    if (found.metadata?.labels?.[keyLabel] === key && owner === dir) return uid;
    records.forget(key);
    throw new ConflictError(
      `The namespace ${api.namespace} has a Job ${key} already, ${owner === null ? 'made by somebody else' : `for the directory ${owner}`}.`,
    );
  };

  const jobOf = (key: string): SubmittedJob => {
    const job = records.find(key);
    if (job === undefined) throw new NotFoundError(`the job ${key}`);
    return job;
  };

  return {
    name: 'kubernetes',
    isRemote: true,

    async submit(request) {
      assertJobRequest(request);
      const { key, dir } = request;
      if (!`${dir}/`.startsWith(`${site.mount.replace(/\/$/, '')}/`)) {
        throw new TrexError(
          'not_on_volume',
          'config',
          `The directory ${dir} is not below ${site.mount}, where the pods mount the volume claim ${site.claim}.`,
        );
      }
      const run = openRun(dir);
      if (!run.bind(key) && run.boundTo() !== key) {
        throw new ConflictError(`The directory ${dir} already belongs to the job ${run.boundTo()}.`);
      }
      const known = records.findId(key);
      if (known !== undefined) return { clusterJobId: known, adopted: true };
      // A job that has begun needs no second Job, though Kubernetes may have forgotten the first.
      const hasBegun = run.findClaim('') !== null || run.isEnded();
      records.add(request, clock.now().toISOString());
      let uid: string | undefined;
      try {
        uid = hasBegun
          ? undefined
          : (await api.createJob(renderJob(request, records.folderOf(key), site, graceSeconds)))?.metadata
              ?.uid;
      } catch (error) {
        // A permanent refusal: the key stays unknown, and its directory free.
        if (error instanceof TrexError && error.fault === 'config') records.forget(key);
        throw error;
      }
      const clusterJobId = uid ?? (hasBegun ? key : await adopt(request));
      records.remember(key, clusterJobId);
      return { clusterJobId, adopted: uid === undefined };
    },

    poll: statusesOf,

    async read(key, file, offset, maxBytes) {
      assertFileName(file);
      assertReadRange(offset, maxBytes);
      const { dir } = jobOf(key);
      return readLines(join(dir, file), offset, maxBytes, openRun(dir).isEnded());
    },

    async cancel(key, grace) {
      const first = (await statusesOf([key])).get(key) as JobStatus;
      const job = records.find(key);
      if (first.state === 'unknown' || isFinalJobState(first.state) || job === undefined) return first;
      const run = openRun(job.dir);
      run.requestCancel(grace);
      // The owner of the claim decides: a job that has not begun now never will.
      run.claim({ pod: '', node: '', startedAt: clock.now().toISOString() });
      await api.deleteJob(key);
      const giveUpMs = clock.now().getTime() + (terminationSeconds + cancelPatienceSeconds) * 1000;
      for (let tickMs = firstCancelTickMs; ; tickMs = Math.min(longestCancelTickMs, tickMs * 1.5)) {
        const [left] = (await look([key])).pods.get(key) ?? [];
        if (left === undefined) {
          const status = (await statusesOf([key])).get(key) as JobStatus;
          if (isFinalJobState(status.state)) return status;
        }
        if (clock.now().getTime() > giveUpMs) {
          throw new TrexError(
            'cancel_unproven',
            'cluster',
            `Kubernetes has not ended the pod ${left?.name ?? ''} of the job ${key} on the node ${left?.node ?? ''}.`,
          );
        }
        await clock.sleep(tickMs);
      }
    },

    async inspect(key, file) {
      assertFileName(file);
      const path = join(jobOf(key).dir, file);
      const found = await hashFile(path);
      return found && { host: null, path, ...found };
    },

    async fetch(key, files) {
      files.forEach(assertFileName);
      if (!openRun(jobOf(key).dir).isEnded()) throw new ConflictError(`The job ${key} has not ended.`);
    },

    async discard(wanted) {
      for (const names of wanted.values()) assertDiscardable(names);
      const freed = new Map<string, number>();
      for (const [key, names] of wanted) {
        const job = records.find(key);
        if (job !== undefined && !openRun(job.dir).isEnded()) continue;
        freed.set(key, job === undefined ? 0 : await removeFiles(job.dir, names));
      }
      return freed;
    },

    async list() {
      return [...(await statusesOf(records.keys())).values()]
        .filter(({ state }) => state !== 'unknown')
        .sort(bySubmission);
    },

    async slots() {
      const { jobs } = parseListed(await api.listJobs(`${ours.label}=${ours.value}`), []);
      const unfinished = [...jobs].filter(([key, { isComplete, failed }]) => {
        const job = isComplete || failed ? undefined : records.find(key);
        return job !== undefined && !openRun(job.dir).isEnded();
      }).length;
      return { total: slots, free: Math.max(0, slots - unfinished) };
    },
  };
}
