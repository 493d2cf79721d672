import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { type KubernetesOptions, openKubernetes } from './kubernetes/open-kubernetes.ts';
import { createLocalCluster } from './local/local-cluster.ts';
import type { Cluster } from './port.ts';
import { openSlurm, type SlurmOptions } from './slurm/open-slurm.ts';

type ClusterChoice =
  | { kind: 'local' }
  | ({ kind: 'slurm' } & SlurmOptions)
  | ({ kind: 'kubernetes' } & KubernetesOptions);

/**
 * Opens the configured cluster. Connects to nothing until it is used.
 * @param outside `stateDir`: records of the local cluster and of Kubernetes; `gpus`: of the local one; `lazyFiles`:
 * files that stay in the job's own place until they are requested, where files are copied
 */
export async function openCluster(
  choice: ClusterChoice,
  outside: {
    stateDir: string;
    gpus: number;
    slots: number;
    lazyFiles: readonly string[];
    log: Log;
    clock: Clock;
  },
): Promise<Cluster> {
  switch (choice.kind) {
    case 'local':
      return createLocalCluster(outside);
    case 'slurm':
      return openSlurm(choice, outside);
    case 'kubernetes':
      return openKubernetes(choice, outside);
  }
}
