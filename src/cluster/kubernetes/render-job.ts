import { readFileSync } from 'node:fs';
import type { V1Job, V1PodSpec, V1Toleration } from '@kubernetes/client-node';
import type { JobRequest } from '../port.ts';
import { quote } from '../quote.ts';

/** Site settings for every job. All of them come from the operator, and are trusted. */
export interface Site {
  image: string;
  /** Name of the volume claim that holds the bot's data folder. */
  claim: string;
  /** Where bot and pods mount it, absolute: a run directory has the same path in both. */
  mount: string;
  /** LocalQueue of Kueue. */
  queue: string | null;
  nodeSelector: Record<string, string>;
  tolerations: V1Toleration[];
  serviceAccount: string | null;
  pullSecret: string | null;
  priorityClass: string | null;
  /** Quantities of every pod: `4`, `16Gi`. */
  cpu: string | null;
  memory: string | null;
  /** User that pods run as, so that bot and jobs can use each other's files; null: the image's user. */
  user: { uid: number; gid: number } | null;
}

export const ours = { label: 'app.kubernetes.io/managed-by', value: 'trex-bot' } as const;
export const keyLabel = 'trex-bot/key';
export const dirAnnotation = 'trex-bot/dir';

const script = readFileSync(new URL('./scripts/job.sh', import.meta.url), 'utf8');

/** The container that runs our script. Containers that a mesh or a policy adds to the pod say nothing about the job. */
export const containerName = 'job';

/** Ended Jobs stay for people to look at. */
const keptSeconds = 2 * 86_400;
/** From TERM to KILL by Kubernetes. Our own grace expires long before, unless the pod's script hangs. */
export const terminationSeconds = 120;
/**
 * The script ends a job at its limit. Kubernetes counts from the pod's arrival on its node, including the pull of
 * images.
 */
const spareSeconds = 3600;

/**
 * The Job of a request. It holds nothing of the request but numbers and paths: arguments and variables stay in a file
 * of `folder`. A Job's own deadline would count the time in queues, so only the pod has one, as a last resort.
 */
export function renderJob(
  request: Pick<JobRequest, 'key' | 'dir' | 'limitSeconds' | 'gpus' | 'memoryBytes'>,
  folder: string,
  site: Site,
  graceSeconds: number,
): V1Job {
  const { key, dir, limitSeconds, gpus = 0, memoryBytes } = request;
  const labels = { [ours.label]: ours.value, [keyLabel]: key };
  const memory = memoryBytes === undefined ? site.memory : String(Math.ceil(memoryBytes));
  const pod: V1PodSpec = {
    restartPolicy: 'Never',
    activeDeadlineSeconds: Math.ceil(limitSeconds + graceSeconds + spareSeconds),
    terminationGracePeriodSeconds: terminationSeconds,
    // A job needs no access to the Kubernetes API.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      seccompProfile: { type: 'RuntimeDefault' },
      ...(site.user && {
        runAsUser: site.user.uid,
        runAsGroup: site.user.gid,
        runAsNonRoot: site.user.uid !== 0,
      }),
    },
    ...(site.serviceAccount !== null && { serviceAccountName: site.serviceAccount }),
    ...(site.pullSecret !== null && { imagePullSecrets: [{ name: site.pullSecret }] }),
    ...(site.priorityClass !== null && { priorityClassName: site.priorityClass }),
    ...(Object.keys(site.nodeSelector).length > 0 && { nodeSelector: site.nodeSelector }),
    ...(site.tolerations.length > 0 && { tolerations: site.tolerations }),
    containers: [
      {
        name: containerName,
        image: site.image,
        command: [
          ...['sh', '-c', script, 'trex', folder, dir],
          ...[limitSeconds, graceSeconds].map((seconds) => String(Math.round(seconds * 1000))),
        ].map(literal),
        env: [
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        ],
        resources: {
          limits: {
            ...(site.cpu !== null && { cpu: site.cpu }),
            ...(memory !== null && { memory }),
            ...(gpus > 0 && { 'nvidia.com/gpu': String(gpus) }),
          },
        },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        // The script's message when it cannot even begin.
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [
          { name: 'data', mountPath: site.mount },
          ...(gpus > 0 ? [{ name: 'shared-memory', mountPath: '/dev/shm' }] : []),
        ],
      },
    ],
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: site.claim } },
      // Workers of a trainer exchange batches in it; a container has 64 MB by default.
      ...(gpus > 0 ? [{ name: 'shared-memory', emptyDir: { medium: 'Memory' } }] : []),
    ],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: key,
      labels: { ...labels, ...(site.queue !== null && { 'kueue.x-k8s.io/queue-name': site.queue }) },
      annotations: { [dirAnnotation]: dir },
    },
    spec: {
      // A lost job is retried under a new key, with a reservation of its own.
      backoffLimit: 0,
      ttlSecondsAfterFinished: keptSeconds,
      template: {
        metadata: {
          labels,
          annotations: {
            'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
            'karpenter.sh/do-not-disrupt': 'true',
          },
        },
        spec: pod,
      },
    },
  };
}

/** Kubernetes replaces `$(NAME)` in commands by variables, and `$$` by `$`. */
const literal = (word: string): string => word.replaceAll('$', '$$$$');

/** Variables and arguments, as lines of shell that the pod's script reads. */
export function renderCommand({ argv, env }: Pick<JobRequest, 'argv' | 'env'>): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  return `${exports.join('')}set -- ${argv.map(quote).join(' ')}\n`;
}
