import type { V1Job, V1Pod, V1PodStatus } from '@kubernetes/client-node';
import type { JobEvidence } from '../verdict.ts';
import type { Claim, Records } from './records.ts';
import { openRun } from './records.ts';
import { containerName, dirAnnotation, keyLabel } from './render-job.ts';

/** A reason of Kubernetes with its sentence; either may be empty. */
interface Said {
  reason: string;
  message: string;
}

/** The state of a pod, as far as it says how the job fares. */
export interface PodView {
  name: string;
  /** Null while it waits for one. */
  node: string | null;
  phase: string;
  createdAt: Date;
  /** When it was assigned to its node; null while it waits for one. */
  placedAt: Date | null;
  /** Other containers run beside ours, and may continue after it ends. */
  hasCompany: boolean;
  /** When its time to stop expires; null unless it is being deleted. */
  goneBy: Date | null;
  /** Why the scheduler finds no node. */
  unschedulable: string | null;
  /** Why our container, or one before it in the pod, does not start. */
  waiting: Said | null;
  /** When our container was started; null before and after. */
  startedAt: Date | null;
  /** How our container ended. */
  terminated: (Said & { exitCode: number; endedAt: Date | null }) | null;
  /** Why Kubernetes ended the pod as a whole: Evicted, DeadlineExceeded. */
  ended: Said;
  /** Why it is being removed from its node: PreemptionByScheduler. */
  disruption: string | null;
}

/** The Job object of a job. */
export interface JobView {
  uid: string;
  dir: string | null;
  createdAt: Date;
  isSuspended: boolean;
  isDeleting: boolean;
  /** Why it failed; null unless it did. */
  failed: Said | null;
  isComplete: boolean;
}

/** All evidence that one poll found about a job. */
export interface Evidence extends JobEvidence<Claim> {
  /** Claimed by a pod; the bot's claim when it cancelled the job does not count. */
  claim: Claim | null;
  /** Null once Kubernetes has forgotten it. */
  object: JobView | null;
  /** Oldest first. */
  pods: PodView[];
}

/** The objects that Kubernetes listed, by key. */
export interface Listed {
  jobs: Map<string, JobView>;
  pods: Map<string, PodView[]>;
}

export function parseListed(jobs: V1Job[], pods: V1Pod[]): Listed {
  const listed: Listed = { jobs: new Map(), pods: new Map() };
  for (const job of jobs) listed.jobs.set(job.metadata?.name ?? '', parseJob(job));
  for (const pod of pods) {
    const key = pod.metadata?.labels?.[keyLabel] ?? '';
    listed.pods.set(key, [...(listed.pods.get(key) ?? []), parsePod(pod)]);
  }
  for (const list of listed.pods.values()) list.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  return listed;
}

/** @returns undefined for a key without records */
export function gatherEvidence(records: Records, key: string, listed: Listed): Evidence | undefined {
  const job = records.find(key);
  if (job === undefined) return undefined;
  const run = openRun(job.dir);
  const claim = run.findClaim(job.submittedAt);
  return {
    job,
    isSubmitted: records.findId(key) !== undefined,
    hasDir: run.exists(),
    isCancelled: run.isCancelled(),
    claim: claim?.pod === '' ? null : claim,
    exit: run.findExit(),
    stopped: run.findStopped(),
    seenAt: run.seenAt(),
    object: listed.jobs.get(key) ?? null,
    pods: listed.pods.get(key) ?? [],
  };
}

export function parseJob({ metadata, spec, status }: V1Job): JobView {
  const conditions = status?.conditions?.filter((condition) => condition.status === 'True') ?? [];
  const failed = conditions.find(({ type }) => type === 'Failed');
  return {
    uid: metadata?.uid ?? '',
    dir: metadata?.annotations?.[dirAnnotation] ?? null,
    createdAt: metadata?.creationTimestamp ?? new Date(0),
    isSuspended: spec?.suspend === true,
    isDeleting: metadata?.deletionTimestamp !== undefined,
    failed: failed === undefined ? null : said(failed),
    isComplete: conditions.some(({ type }) => type === 'Complete'),
  };
}

function parsePod({ metadata, spec, status }: V1Pod): PodView {
  const condition = (type: string) => status?.conditions?.find((one) => one.type === type);
  const scheduled = condition('PodScheduled');
  const disrupted = condition('DisruptionTarget');
  const own = status?.containerStatuses?.find(({ name }) => name === containerName);
  const { waiting, running, terminated } = own?.state ?? {};
  const createdAt = metadata?.creationTimestamp ?? new Date(0);
  const node = spec?.nodeName ?? null;
  return {
    name: metadata?.name ?? '',
    node,
    phase: status?.phase ?? 'Unknown',
    createdAt,
    placedAt: node === null ? null : (status?.startTime ?? scheduled?.lastTransitionTime ?? createdAt),
    hasCompany: (status?.containerStatuses?.length ?? 0) > 1,
    goneBy: metadata?.deletionTimestamp ?? null,
    unschedulable:
      scheduled?.status === 'False' && scheduled.reason === 'Unschedulable' ? said(scheduled).message : null,
    startedAt: running?.startedAt ?? null,
    waiting: waiting === undefined ? null : (blockedBy(status) ?? said(waiting)),
    terminated:
      terminated === undefined
        ? null
        : { ...said(terminated), exitCode: terminated.exitCode, endedAt: terminated.finishedAt ?? null },
    ended: said(status ?? {}),
    disruption: disrupted?.status === 'True' ? (disrupted.reason ?? '') : null,
  };
}

/** An init container that another party added, which has to finish before ours begins, and which is in trouble. */
function blockedBy(status: V1PodStatus | undefined): Said | null {
  for (const { name, state } of status?.initContainerStatuses ?? []) {
    const trouble = state?.waiting ?? (state?.terminated?.exitCode === 0 ? undefined : state?.terminated);
    if (trouble === undefined || trouble.reason === 'PodInitializing') continue;
    const { reason, message } = said(trouble);
    return { reason, message: `its init container ${name}: ${message || reason}` };
  }
  return null;
}

const said = ({ reason, message }: { reason?: string; message?: string }): Said => ({
  reason: reason ?? '',
  message: (message ?? '').trim().slice(0, 500),
});
