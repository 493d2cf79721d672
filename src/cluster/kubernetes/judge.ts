import { endedStatus, queuedStatus, runningStatus, vanishedStatus } from '../job-status.ts';
import type { JobStatus } from '../port.ts';
import { type Explained, endedVerdict, type Verdict } from '../verdict.ts';
import type { Evidence, PodView } from './evidence.ts';

export interface Patience {
  /** True once the job has looked ended for long enough that an earlier file would be visible by now. */
  isSettled: boolean;
  /** Maximum time for a pod on its node before our container runs, seconds; whatever reason is given. */
  startSeconds: number;
}

/** After the time that Kubernetes gives a pod to stop: by then its node must be unreachable. */
const nodeSilentSeconds = 60;
/** A Job without a pod for this long has a problem other than a slow controller. */
const podlessSeconds = 30;

/** True while Kubernetes has not seen our container in the pod end. A sidecar's may run for ever. */
export const isActive = ({ phase, terminated }: PodView): boolean =>
  terminated === null && phase !== 'Succeeded' && phase !== 'Failed';

/**
 * The state of a job. Its exit.json is the truth; without one the pod decides, then the Job, and the verdict is
 * recorded, since Kubernetes forgets.
 */
export function judge(evidence: Evidence, now: Date, patience: Patience): Verdict {
  const { job, claim, exit, object, pods } = evidence;
  if (exit) return { status: endedStatus(job, exit) };
  if (!evidence.hasDir) return { status: vanishedStatus(job) };
  // Of several pods of one Job only the one with the claim runs the program.
  const pod = claim ? pods.find(({ name }) => name === claim.pod) : (pods.findLast(isActive) ?? pods.at(-1));
  if (pod && isActive(pod)) return judgeActive(evidence, pod, now, patience);
  const current = claim ? runningStatus(job, claim, now) : queuedStatus(job);
  if (!pod && !claim && object && !object.failed && !object.isComplete && !object.isDeleting) {
    const reason = waitingForPod(evidence, now);
    return { status: { ...current, ...(reason !== undefined && { reason }) } };
  }
  if (!pod && !claim && !object && !evidence.isSubmitted) {
    return { status: { key: job.key, state: 'unknown', runSeconds: 0 } };
  }
  const isProven = (evidence.stopped && pod) || (evidence.isCancelled && !object && pods.length === 0);
  // The file system may show what a node wrote only after a while.
  if (!patience.isSettled && !isProven) return { status: current };
  return ended(evidence, now, pod, explainEnd(evidence, pod));
}

/** The reason of a pod that holds its node, or waits for one. */
function judgeActive(evidence: Evidence, pod: PodView, now: Date, patience: Patience): Verdict {
  const { job, claim, seenAt } = evidence;
  const node = pod.node ?? '';
  if (pod.goneBy && pod.node !== null) {
    const lastSign = Math.max(pod.goneBy.getTime(), seenAt?.getTime() ?? 0);
    if (now.getTime() - lastSign > nodeSilentSeconds * 1000)
      return ended(evidence, now, undefined, { why: 'lost', detail: `The node ${node} does not answer.` });
  }
  if (claim) return { status: runningStatus(job, claim, now) };
  if (pod.node === null) {
    return { status: { ...queuedStatus(job), ...reasonOfScheduler(pod.unschedulable) } };
  }
  // The pod occupies its node, but nothing of the job has begun.
  const { waiting, placedAt, startedAt } = pod;
  const words =
    waiting === null || plainStarts.has(waiting.reason)
      ? `Its container is not started yet on ${node}.`
      : `Its container cannot start on ${node}: ${sentenceOf(waiting)}`;
  const ageSeconds = (now.getTime() - ((startedAt ?? placedAt)?.getTime() ?? now.getTime())) / 1000;
  if (startedAt !== null && ageSeconds <= patience.startSeconds)
    return { status: runningStatus(job, undefined, now) };
  if (ageSeconds <= patience.startSeconds || evidence.isCancelled)
    return { status: { ...queuedStatus(job), reason: words } };
  const late = `Its container did not start on ${node} in ${ageText(patience.startSeconds)}: ${
    waiting === null ? 'the node says nothing of it.' : sentenceOf(waiting)
  }`;
  return ended(evidence, now, undefined, {
    why: 'start',
    detail: `${late} ${adviceOn(waiting?.reason ?? '')}`.trim(),
  });
}

const ageText = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;

/** Reasons that Kubernetes reports of every healthy container. */
const plainStarts = new Set(['ContainerCreating', 'PodInitializing']);

/** A node may become free, and an autoscaler may add one; neither helps where no node matches the pod's request. */
function reasonOfScheduler(said: string | null): Pick<JobStatus, 'reason' | 'needsPeople'> {
  if (said === null) return {};
  const isMisfit =
    !/Insufficient|Too many pods|free ports/.test(said) &&
    /didn't match|untolerated taint|unbound immediate|persistentvolumeclaim .* not found/.test(said);
  return { reason: `It waits: ${said}`, ...(isMisfit && { needsPeople: true }) };
}

function adviceOn(reason: string): string {
  if (/image|registry/i.test(reason))
    return 'Is TREX_K8S_IMAGE right, and TREX_K8S_PULL_SECRET set for a registry with a login?';
  return plainStarts.has(reason) || reason === '' ? '' : 'Are the names in the TREX_K8S variables right?';
}

function waitingForPod({ object, pods }: Evidence, now: Date): string | undefined {
  if (object?.isSuspended) return 'It waits until Kueue, or whoever suspended it, lets it go.';
  const ageSeconds = (now.getTime() - (object?.createdAt.getTime() ?? 0)) / 1000;
  return pods.length === 0 && ageSeconds > podlessSeconds
    ? 'Kubernetes has made no pod for it yet: a quota of the namespace may be used up.'
    : undefined;
}

function ended(
  { job, claim, stopped, seenAt }: Evidence,
  now: Date,
  pod: PodView | undefined,
  why: Explained,
): Verdict {
  const last = pod?.terminated?.endedAt ?? seenAt ?? now;
  return endedVerdict(job, { stopped, claim, last }, why);
}

/** The pod's reason first, then the Job's, then the one that can be inferred from missing objects. */
function explainEnd(evidence: Evidence, pod: PodView | undefined): Explained {
  const { claim, stopped, object, isCancelled } = evidence;
  if (isCancelled) return { why: 'cancelled' };
  const word = pod && (explainPod(pod) ?? explainStart(pod, claim !== null));
  if (word) return word;
  if (object?.failed?.reason === 'DeadlineExceeded') return pastDeadline;
  if (object?.isSuspended) {
    return { why: 'lost', detail: 'It was suspended, by Kueue perhaps, to give its place to other work.' };
  }
  if (stopped?.signal === 'SIGKILL') return { why: 'signal' };
  if ((!object || object.isDeleting) && (stopped || !claim)) {
    return { why: 'cancelled', detail: 'Its Job was deleted in Kubernetes itself, not by the bot.' };
  }
  if (object && (!pod || pod.goneBy)) {
    return { why: 'lost', detail: 'Its pod was deleted in Kubernetes itself.' };
  }
  if (stopped) return { why: 'lost', detail: 'It was told to stop from outside (SIGTERM).' };
  if (!pod) return { why: 'lost', detail: 'Kubernetes no longer knows it, and it left no end.' };
  return { why: 'lost', detail: 'Its pod ended before it could write down how the job ended.' };
}

const pastDeadline: Explained = { why: 'timeout', detail: 'Kubernetes stopped it at its own deadline.' };

/** The action of Kubernetes that ended the pod; undefined when there was none. */
function explainPod({ node, terminated, ended: said, disruption }: PodView): Explained | undefined {
  if (terminated?.reason === 'OOMKilled') {
    return { why: 'out_of_memory', detail: 'It used more memory than its pod may and was stopped.' };
  }
  if (said.reason === 'DeadlineExceeded') return pastDeadline;
  if (disruption?.startsWith('PreemptionBy') || said.reason === 'Preempting') {
    return { why: 'lost', detail: 'Kubernetes gave its place to a pod with more priority.' };
  }
  if (
    said.reason === 'NodeLost' ||
    disruption === 'DeletionByTaintManager' ||
    disruption === 'DeletionByPodGC'
  )
    return { why: 'lost', detail: `The node ${node} failed.` };
  if (said.reason !== '')
    return { why: 'lost', detail: `Kubernetes ended its pod on the node ${node}: ${sentenceOf(said)}` };
  if (disruption !== null)
    return { why: 'lost', detail: `Kubernetes took it from the node ${node} (${disruption}).` };
  return undefined;
}

/** The end of a pod that never ran the program. */
function explainStart({ terminated }: PodView, isClaimed: boolean): Explained | undefined {
  if (terminated === null) return undefined;
  const [, own] = /trex gave up: (.*)/.exec(terminated.message) ?? [];
  if (isClaimed && own === undefined) return undefined;
  if (own !== undefined && /No space left/.test(own)) {
    return { why: 'lost', detail: 'It could not start: the disk of its run directory is full.' };
  }
  const why = own ?? (sentenceOf(terminated) || `exit code ${terminated.exitCode}.`);
  return { why: 'start', detail: `It could not be started in its pod: ${why}` };
}

const sentenceOf = ({ reason, message }: { reason: string; message: string }): string =>
  message === '' ? `${reason}.` : message.replace(/[^.?!]$/, '$&.');
