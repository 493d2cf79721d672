import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { createLocalCluster } from './local/local-cluster.ts';
import type { Cluster } from './port.ts';
import { openSlurm, type SlurmOptions } from './slurm/open-slurm.ts';

type ClusterChoice = { kind: 'local' } | ({ kind: 'slurm' } & SlurmOptions);

/**
 * From the configuration to a cluster. Connects to nothing until it is used.
 * @param outside `stateDir` and `gpus`: of the local cluster; `apart`: files that stay where a job made them until they
 * are asked for, where files are copied
 */
export function openCluster(
  choice: ClusterChoice,
  outside: {
    stateDir: string;
    gpus: number;
    slots: number;
    apart: readonly string[];
    log: Log;
    clock: Clock;
  },
): Cluster {
  return choice.kind === 'slurm' ? openSlurm(choice, outside) : createLocalCluster(outside);
}
