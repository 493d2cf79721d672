import { randomBytes, randomUUID } from 'node:crypto';
import { condition, type Job, type Metadata, type Pod, timestamp } from './answers.ts';
import { type Container, startContainer } from './container.ts';

export interface Node {
  name: string;
  labels: Record<string, string>;
  cpu: number;
  gpus: number;
}

const tickMs = 20;

/**
 * Scheduler, Job controller, garbage collector and nodes: Jobs become pods, pods find a node or wait, and their containers
 * are real processes. One pass every 20 ms.
 */
export function createControlPlane(nodes: Node[]) {
  const jobs = new Map<string, Job>();
  const pods = new Map<string, Pod>();
  const containers = new Map<string, { container: Container; killAtMs: number; isOutOfMemory: boolean }>();
  const lostNodes = new Set<string>();
  /** Images that cannot be pulled, with the node's message. */
  const badImages = new Map<string, { reason: string; message: string }>();
  /** Images that nodes are pulling, as events report. */
  const pulledImages = new Set<string>();
  /**
   * `replacesPods`: a control plane before 1.26 replaces a deleted pod with another one. `hasSidecar`: a mesh puts a
   * container into every pod, before ours in every list, and it never ends by itself.
   */
  const habits = { replacesPods: false, hasSidecar: false };

  const podsOf = (job: Job): Pod[] =>
    [...pods.values()].filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === job.metadata.uid);
  const isOver = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed';
  const isFinished = ({ status }: Job): boolean =>
    (status.conditions ?? []).some(({ type }) => /^(Complete|Failed)$/.test(type));

  const finishJob = (job: Job, type: 'Complete' | 'Failed'): void => {
    delete job.status.active;
    job.status[type === 'Complete' ? 'succeeded' : 'failed'] = 1;
    job.status.conditions = [
      type === 'Complete'
        ? condition(type, 'True')
        : condition(type, 'True', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit'),
    ];
  };

  const createPod = (job: Job): void => {
    const { name, namespace, uid } = job.metadata;
    const metadata: Metadata = {
      ...newMetadata(`${name}-${randomBytes(3).toString('hex').slice(0, 5)}`, namespace),
      labels: { ...job.spec.template.metadata.labels, 'controller-uid': uid, 'job-name': name },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true }],
    };
    pods.set(metadata.name, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: structuredClone(job.spec.template.spec),
      status: { phase: 'Pending', conditions: [] },
    });
    job.status = { ...job.status, startTime: job.status.startTime ?? timestamp(), active: 1 };
  };

  const deletePod = ({ metadata, spec }: Pod, graceSeconds = spec.terminationGracePeriodSeconds): void => {
    if (metadata.deletionTimestamp !== undefined) return;
    metadata.deletionTimestamp = timestamp(new Date(Date.now() + graceSeconds * 1000));
    metadata.deletionGracePeriodSeconds = graceSeconds;
  };

  const controlJob = (job: Job): void => {
    const own = podsOf(job);
    if (job.metadata.deletionTimestamp !== undefined) {
      for (const pod of own) deletePod(pod);
      if (own.length === 0) jobs.delete(job.metadata.name);
    } else if (job.spec.suspend) {
      for (const pod of own) deletePod(pod);
      delete job.status.startTime;
    } else if (isFinished(job)) {
      return;
    } else if (own.some(({ status }) => status.phase === 'Succeeded')) {
      finishJob(job, 'Complete');
    } else if (own.some(({ status }) => status.phase === 'Failed')) {
      finishJob(job, 'Failed');
    } else if (own.length === 0) {
      if (job.status.startTime === undefined || habits.replacesPods) createPod(job);
      else finishJob(job, 'Failed');
    }
  };

  const needOf = ({ spec }: Pod, resource: string): number =>
    Number(spec.containers[0]?.resources?.limits?.[resource] ?? 0);

  /** Places a pod on a node; first come, first served. */
  const schedule = (pod: Pod): void => {
    const matching = nodes.filter(({ labels }) =>
      Object.entries(pod.spec.nodeSelector ?? {}).every(([name, value]) => labels[name] === value),
    );
    const lacking: string[] = [];
    for (const node of matching) {
      const there = [...pods.values()].filter((other) => other.spec.nodeName === node.name && !isOver(other));
      const free = (resource: string, all: number): number =>
        all - there.reduce((sum, other) => sum + needOf(other, resource), 0);
      const lacks = Object.entries({ cpu: node.cpu, 'nvidia.com/gpu': node.gpus }).find(
        ([resource, all]) => needOf(pod, resource) > free(resource, all),
      );
      if (lacks === undefined) {
        pod.spec.nodeName = node.name;
        pod.status.conditions = [condition('PodScheduled', 'True')];
        return;
      }
      lacking.push(lacks[0]);
    }
    const reasons = [...new Set(lacking)].map(
      (resource) => `${lacking.filter((one) => one === resource).length} Insufficient ${resource}`,
    );
    const others = nodes.length - matching.length;
    if (others > 0) reasons.push(`${others} node(s) didn't match Pod's node affinity`);
    const message = `0/${nodes.length} nodes are available: ${reasons.join(', ')}.`;
    pod.status.conditions = [condition('PodScheduled', 'False', 'Unschedulable', message)];
  };

  const runPod = (pod: Pod): void => {
    const { metadata, spec, status } = pod;
    const run = containers.get(metadata.uid);
    const [{ name, image } = { name: '', image: '' }] = spec.containers;
    const show = (state: NonNullable<Pod['status']['containerStatuses']>[0]['state']): void => {
      const own = { name, image, restartCount: 0, ready: state.running !== undefined, state };
      const proxy = { running: { startedAt: status.startTime ?? timestamp() } };
      const sidecar = { ...own, name: 'istio-proxy', image: 'proxy', ready: true, state: proxy };
      status.containerStatuses = habits.hasSidecar ? [sidecar, own] : [own];
    };
    if (run === undefined) {
      if (metadata.deletionTimestamp !== undefined) pods.delete(metadata.name);
      if (metadata.deletionTimestamp !== undefined || isOver(pod)) return;
      status.startTime ??= timestamp();
      const bad = badImages.get(image);
      if (bad !== undefined) {
        show({ waiting: bad });
        return;
      }
      containers.set(metadata.uid, {
        container: startContainer(pod),
        killAtMs: Number.POSITIVE_INFINITY,
        isOutOfMemory: false,
      });
      status.phase = 'Running';
      show({ running: { startedAt: timestamp() } });
      return;
    }
    const { container } = run;
    if (container.end !== null) {
      const { exitCode, log } = container.end;
      const isOk = exitCode === 0;
      show({
        terminated: {
          exitCode,
          reason: run.isOutOfMemory ? 'OOMKilled' : isOk ? 'Completed' : 'Error',
          ...(!isOk && log !== '' && { message: log }),
          startedAt: status.startTime ?? timestamp(),
          finishedAt: timestamp(),
        },
      });
      if (habits.hasSidecar && metadata.deletionTimestamp === undefined) return;
      status.phase = isOk && status.reason === undefined ? 'Succeeded' : 'Failed';
      containers.delete(metadata.uid);
      return;
    }
    const memory = needOf(pod, 'memory');
    if (memory > 0 && container.residentBytes() > memory) {
      run.isOutOfMemory = true;
      container.kill();
      return;
    }
    const ageSeconds = (Date.now() - Date.parse(status.startTime ?? '')) / 1000;
    const isLate = ageSeconds > (spec.activeDeadlineSeconds ?? Number.POSITIVE_INFINITY);
    if (isLate && status.reason === undefined) {
      status.reason = 'DeadlineExceeded';
      status.message = 'Pod was active on the node longer than the specified deadline';
    }
    if (metadata.deletionTimestamp === undefined && !isLate) return;
    if (run.killAtMs === Number.POSITIVE_INFINITY) {
      run.killAtMs =
        Date.now() + (metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds) * 1000;
      container.signal('SIGTERM');
    } else if (Date.now() > run.killAtMs) container.kill();
  };

  const timer = setInterval(() => {
    for (const job of [...jobs.values()]) controlJob(job);
    for (const pod of [...pods.values()]) {
      if (pod.spec.nodeName === undefined) {
        if (pod.metadata.deletionTimestamp !== undefined) pods.delete(pod.metadata.name);
        else schedule(pod);
      } else if (!lostNodes.has(pod.spec.nodeName)) runPod(pod);
    }
  }, tickMs);

  /** The one pod of a Job, with the container behind it. */
  const find = (key: string) => {
    const job = jobs.get(key);
    const [pod] = job === undefined ? [] : podsOf(job);
    if (job === undefined || pod === undefined) throw new Error(`the Job ${key} has no pod`);
    return { job, pod, container: containers.get(pod.metadata.uid)?.container };
  };

  return {
    jobs,
    pods,
    badImages,
    pulledImages,
    habits,
    find,
    deletePod,
    /** Ends a pod at once, as a kubelet that is short of a resource. */
    evict(key: string): void {
      const { pod, container } = find(key);
      container?.kill();
      containers.delete(pod.metadata.uid);
      pod.status = {
        ...pod.status,
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: memory. ',
      };
      delete pod.status.containerStatuses;
    },
    /** Removes a pod, as a scheduler that needs its place for another. */
    preempt(key: string): void {
      const { pod } = find(key);
      pod.status.conditions.push(
        condition(
          'DisruptionTarget',
          'True',
          'PreemptionByScheduler',
          'preempting to accommodate a higher priority pod',
        ),
      );
      deletePod(pod);
    },
    /** Cuts a node off. Its pods are deleted in the API server, and go on running. */
    loseNode(name: string): void {
      lostNodes.add(name);
      for (const pod of pods.values()) {
        if (pod.spec.nodeName !== name) continue;
        pod.status.conditions.push(condition('DisruptionTarget', 'True', 'DeletionByTaintManager'));
        deletePod(pod, 0);
      }
    },
    findNode: (name: string): void => void lostNodes.delete(name),
    /** Removes a Job whose time to live after its end is over. */
    collect(key: string): void {
      const job = jobs.get(key);
      if (job === undefined) return;
      for (const { metadata } of podsOf(job)) pods.delete(metadata.name);
      jobs.delete(key);
    },
    /** Kills the containers of all pods. */
    stop(): void {
      clearInterval(timer);
      for (const { container } of containers.values()) container.kill();
    },
  };
}
export type ControlPlane = ReturnType<typeof createControlPlane>;

export const newMetadata = (name: string, namespace: string): Metadata => ({
  ...{ name, namespace, uid: randomUUID(), labels: {}, annotations: {}, creationTimestamp: timestamp() },
});
