import { resolve } from 'node:path';
import { badConfig, clusterFolder, type Env, refuseOrphan } from './environment.ts';

/** A Slurm cluster and the options that its site needs for every job. */
export interface SlurmConfig {
  /** For ssh; null: this machine is the login node. */
  host: string | null;
  /** Null: ~/.ssh/config. */
  sshConfig: string | null;
  files: 'shared' | 'copied';
  /** Records and copied run directories, on the cluster. */
  dir: string;
  /** Folder of Slurm's commands; null where a plain shell finds them. */
  path: string | null;
  partition: string | null;
  account: string | null;
  qos: string | null;
  gres: string;
  sbatchLines: string[];
  setupLines: string[];
  container: string[];
  pollMs: number;
  /** Larger files of a run stay on the cluster, where they are copied. */
  fetchMaxBytes: number;
}

/** A Kubernetes namespace and the settings of every job there. */
export interface KubernetesConfig {
  /** Null: the pod's own account where there is one, else the current context of the kubeconfig. */
  context: string | null;
  /** Null: the context's own. */
  namespace: string | null;
  image: string;
  /** The volume claim that holds the data folder, and where pods mount it. */
  claim: string;
  mount: string;
  queue: string | null;
  nodeSelector: Record<string, string>;
  tolerations: { key: string; operator: 'Equal' | 'Exists'; value?: string; effect?: string }[];
  serviceAccount: string | null;
  pullSecret: string | null;
  priorityClass: string | null;
  cpu: string | null;
  memory: string | null;
  pollMs: number;
}

export type ClusterConfig =
  | { kind: 'local' }
  | ({ kind: 'slurm' } & SlurmConfig)
  | ({ kind: 'kubernetes' } & KubernetesConfig);

type ClusterKind = ClusterConfig['kind'];
const clusterVariables: Record<Exclude<ClusterKind, 'local'>, string> = {
  slurm: 'TREX_SLURM_',
  kubernetes: 'TREX_K8S_',
};

export function clusterOf(env: Env): ClusterConfig {
  const kind = env.TREX_CLUSTER;
  for (const [other, prefix] of Object.entries(clusterVariables)) {
    if (other !== kind) refuseOrphan(env, (name) => name.startsWith(prefix), 'TREX_CLUSTER', other);
  }
  switch (kind) {
    case 'local':
      return { kind };
    case 'slurm':
      return { kind, ...slurmOf(env) };
    case 'kubernetes':
      return { kind, ...kubernetesOf(env) };
  }
}

const parts = (value: string | undefined, separator: string | RegExp): string[] =>
  (value ?? '')
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');

function slurmOf(env: Env): SlurmConfig {
  const host = env.TREX_SLURM_HOST ?? null;
  if (env.TREX_SLURM_FILES === 'copied' && (host === null || env.TREX_SLURM_DIR === undefined)) {
    throw badConfig([
      `TREX_SLURM_FILES=copied needs ${host === null ? 'TREX_SLURM_HOST, the login node to copy to' : 'TREX_SLURM_DIR, the folder there'}`,
    ]);
  }
  if (env.TREX_SLURM_SSH_CONFIG !== undefined && host === null) {
    throw badConfig(['TREX_SLURM_HOST is missing, and TREX_SLURM_SSH_CONFIG is set']);
  }
  const dir = env.TREX_SLURM_DIR ?? resolve(env.TREX_DATA_DIR, 'slurm');
  if (!clusterFolder.safeParse(dir).success) {
    throw badConfig([
      `TREX_SLURM_DIR is missing, and the folder of TREX_DATA_DIR cannot stand in batch scripts: ${dir}`,
    ]);
  }
  return {
    host,
    sshConfig: env.TREX_SLURM_SSH_CONFIG === undefined ? null : resolve(env.TREX_SLURM_SSH_CONFIG),
    files: env.TREX_SLURM_FILES,
    dir,
    path: env.TREX_SLURM_PATH ?? null,
    partition: env.TREX_SLURM_PARTITION ?? null,
    account: env.TREX_SLURM_ACCOUNT ?? null,
    qos: env.TREX_SLURM_QOS ?? null,
    gres: env.TREX_SLURM_GRES,
    sbatchLines: parts(env.TREX_SLURM_SBATCH, ';'),
    setupLines: parts(env.TREX_SLURM_SETUP, '\n'),
    container: parts(env.TREX_SLURM_CONTAINER, /\s+/),
    pollMs: env.TREX_SLURM_POLL_SECONDS * 1000,
    fetchMaxBytes: Math.round(env.TREX_SLURM_FETCH_MB * 1e6),
  };
}

function kubernetesOf(env: Env): KubernetesConfig {
  const { TREX_K8S_IMAGE: image, TREX_K8S_CLAIM: claim, TREX_K8S_MOUNT: mount } = env;
  if (image === undefined || claim === undefined || mount === undefined) {
    const missing = Object.entries({ TREX_K8S_IMAGE: image, TREX_K8S_CLAIM: claim, TREX_K8S_MOUNT: mount });
    const names = missing.filter(([, value]) => value === undefined).map(([name]) => name);
    throw badConfig(names.map((name) => `${name} is missing, and TREX_CLUSTER is kubernetes`));
  }
  const dataDir = resolve(env.TREX_DATA_DIR);
  if (!`${dataDir}/`.startsWith(`${mount.replace(/\/$/, '')}/`)) {
    throw badConfig([
      `TREX_DATA_DIR is ${dataDir}, and the pods would see only what is below TREX_K8S_MOUNT, ${mount}. Set it to a folder there`,
    ]);
  }
  return {
    context: env.TREX_K8S_CONTEXT ?? null,
    namespace: env.TREX_K8S_NAMESPACE ?? null,
    ...{ image, claim, mount },
    queue: env.TREX_K8S_QUEUE ?? null,
    nodeSelector: Object.fromEntries(
      parts(env.TREX_K8S_NODE_SELECTOR, ',').map((label) => label.split('=') as [string, string]),
    ),
    tolerations: parts(env.TREX_K8S_TOLERATIONS, ',').map((taint) => {
      const [, key = '', value, effect] = /^([^=:]+)(?:=([^:]*))?(?::(.*))?$/.exec(taint) ?? [];
      const what =
        value === undefined ? { operator: 'Exists' as const } : { operator: 'Equal' as const, value };
      return { key, ...what, ...(effect !== undefined && { effect }) };
    }),
    serviceAccount: env.TREX_K8S_SERVICE_ACCOUNT ?? null,
    pullSecret: env.TREX_K8S_PULL_SECRET ?? null,
    priorityClass: env.TREX_K8S_PRIORITY_CLASS ?? null,
    cpu: env.TREX_K8S_CPU ?? null,
    memory: env.TREX_K8S_MEMORY ?? null,
    pollMs: env.TREX_K8S_POLL_SECONDS * 1000,
  };
}
