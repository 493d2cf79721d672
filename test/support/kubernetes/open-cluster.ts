import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectApi } from '../../../src/cluster/kubernetes/api.ts';
import {
  createKubernetesCluster,
  type KubernetesClusterOptions,
} from '../../../src/cluster/kubernetes/kubernetes-cluster.ts';
import type { Site } from '../../../src/cluster/kubernetes/render-job.ts';
import type { Cluster } from '../../../src/cluster/port.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import type { ClusterHarness } from '../../contracts/cluster.ts';
import type { Node } from './control-plane.ts';
import type { FakeKubernetes } from './start-kubernetes.ts';

/** Pools that run as many jobs at once as they have CPUs, one a pod; `wide` is for tests that place jobs by themselves. */
export const pools: Node[] = [
  { name: 'n1', labels: { pool: 'two' }, cpu: 2, gpus: 0 },
  { name: 'n2', labels: { pool: 'three' }, cpu: 3, gpus: 0 },
  { name: 'n3', labels: { pool: 'wide' }, cpu: 16, gpus: 2 },
];

const poolNames: Record<number, string> = { 2: 'two', 3: 'three' };

export interface OpenOptions extends Partial<Omit<KubernetesClusterOptions, 'site'>> {
  root: string;
  context?: string;
  site?: Partial<Site>;
  timeoutMs?: number;
}

/** The adapter as the bot opens it, on a fake cluster and with shorter timeouts. */
export async function openCluster(
  kubernetes: FakeKubernetes,
  { root, context, site, timeoutMs, ...more }: OpenOptions,
): Promise<Cluster> {
  process.env.KUBECONFIG = kubernetes.kubeconfig;
  const api = await connectApi({
    ...{ context: context ?? 'fake', namespace: null, clock: systemClock },
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  return createKubernetesCluster({
    api,
    site: {
      ...{ image: 'registry.example.org/trex:1', claim: 'trex-data', mount: root, queue: null },
      ...{ nodeSelector: { pool: 'wide' }, tolerations: [], serviceAccount: null, pullSecret: null },
      ...{ priorityClass: null, cpu: '1', memory: null, user: null },
      ...site,
    },
    stateDir: join(root, 'state'),
    slots: 8,
    graceSeconds: 0.3,
    settleSeconds: 0.3,
    startSeconds: 1.5,
    log: silentLog,
    clock: systemClock,
    ...more,
  });
}

/** The harness for `describeCluster`; `slots` become pools. */
export function kubernetesHarness(kubernetes: FakeKubernetes): ClusterHarness {
  const root = mkdtempSync(join(tmpdir(), 'trex-cluster-'));
  const open = (slots: number): Promise<Cluster> =>
    openCluster(kubernetes, { root, slots, site: { nodeSelector: { pool: poolNames[slots] ?? 'wide' } } });
  return {
    root,
    open,
    interruptedSubmits: (['before', 'after'] as const).map((moment) => ({
      name: `the connection broke ${moment} the Job was made`,
      run: async (request) => {
        kubernetes.trouble.breaks = moment;
        await (await open(3)).submit(request).then(
          () => {
            throw new Error('the submit was not interrupted');
          },
          () => {},
        );
      },
    })),
    killSupervisor: async (key) => kubernetes.find(key).container?.killFirst(),
    dispose: async () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}
