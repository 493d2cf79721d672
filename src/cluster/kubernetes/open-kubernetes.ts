import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Cluster } from '../port.ts';
import { connectApi } from './api.ts';
import { createKubernetesCluster } from './kubernetes-cluster.ts';
import type { Site } from './render-job.ts';

export interface KubernetesOptions extends Omit<Site, 'user'> {
  /** Of the kubeconfig; null: the pod's own account where there is one, else the current context. */
  context: string | null;
  /** Null: the context's own, or `default`. */
  namespace: string | null;
}

/**
 * A Kubernetes cluster from the configuration. Connects when it is first used.
 * @throws TrexError `bad_config` when the kubeconfig lacks something needed
 */
export async function openKubernetes(
  options: KubernetesOptions,
  { stateDir, slots, log, clock }: { stateDir: string; slots: number; log: Log; clock: Clock },
): Promise<Cluster> {
  const { context, namespace } = options;
  const api = await connectApi({ context, namespace, clock });
  return createKubernetesCluster({ api, site: { ...options, user: ownUser() }, stateDir, slots, log, clock });
}

/** Pods run as the bot's user: files are for their owner only. */
function ownUser(): Site['user'] {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  return uid === undefined || gid === undefined ? null : { uid, gid };
}
