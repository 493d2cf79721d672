import { existsSync } from 'node:fs';
import type {
  ApiException,
  ConfigurationOptions,
  CoreV1Event,
  KubeConfig,
  V1Job,
  V1Pod,
} from '@kubernetes/client-node';
import type { Clock } from '../../lib/clock.ts';
import { asError, TrexError } from '../../lib/errors.ts';
import { type Asked, explainRefusal, explainSilence, type Refusal } from './api-failure.ts';

/**
 * The calls that running jobs needs; the bot's account must be allowed these and no more.
 * @throws TrexError: `cluster` for a failure that may pass, `config` for a permanent one; TurnedAwayError where people
 * have to change something first
 */
export interface KubernetesApi {
  readonly namespace: string;
  /** @returns undefined where a Job of that name exists already */
  createJob(job: V1Job): Promise<V1Job | undefined>;
  findJob(name: string): Promise<V1Job | undefined>;
  listJobs(labels: string): Promise<V1Job[]>;
  listPods(labels: string): Promise<V1Pod[]>;
  /** Events of a pod, oldest first: Scheduled, Pulling. Not every site grants the right to list them. */
  listEvents(pod: string): Promise<string[]>;
  /** Also deletes its pods, after their time to stop; the Job is deleted last. A missing one is not an error. */
  deleteJob(name: string): Promise<void>;
}

export interface ApiOptions {
  /** Of the kubeconfig; null: the pod's own account where there is one, else the current context. */
  context: string | null;
  /** Null: the context's own, or `default`. */
  namespace: string | null;
  clock: Clock;
  /** Unset is 30 s. */
  timeoutMs?: number;
}

const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';
/** Retries after a server that asks for fewer requests, and the maximum wait for that. */
const maxRepeats = 3;
const longestPauseMs = 10_000;

/**
 * Reads the kubeconfig; nothing is connected before the first call. The client is loaded here because that takes a
 * second and only this cluster needs it.
 * @throws TrexError `bad_config` when there is no kubeconfig, or no such context in it
 */
export async function connectApi({
  context,
  namespace: wanted,
  clock,
  timeoutMs = 30_000,
}: ApiOptions): Promise<KubernetesApi> {
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  loadContext(config, context);
  const server = config.getCurrentCluster()?.server ?? '';
  const namespace =
    wanted ?? config.getContextObject(config.getCurrentContext())?.namespace?.trim() ?? 'default';
  const batch = config.makeApiClient(client.BatchV1Api);
  const core = config.makeApiClient(client.CoreV1Api);

  const limitTime = (): ConfigurationOptions => ({
    middleware: [
      {
        pre: (request) => {
          request.setSignal(AbortSignal.timeout(timeoutMs));
          return new client.Observable(Promise.resolve(request));
        },
        post: (response) => new client.Observable(Promise.resolve(response)),
      },
    ],
    middlewareMergeStrategy: 'append',
  });

  /** @param expected a code whose refusal is an answer; it returns undefined */
  const call = async <T>(
    verb: Asked['verb'],
    resource: Asked['resource'],
    work: (options: ConfigurationOptions) => Promise<T>,
    expected?: number,
  ): Promise<T | undefined> => {
    for (let repeats = 0; ; repeats++) {
      try {
        return await work(limitTime());
      } catch (error) {
        const asked = { verb, resource, namespace, server };
        if (!(error instanceof client.ApiException)) throw explainSilence(error, asked);
        if (error.code === expected) return undefined;
        const pauseMs = Number(error.headers['retry-after'] ?? 1) * 1000;
        if (error.code !== 429 || repeats >= maxRepeats || !(pauseMs <= longestPauseMs)) {
          throw explainRefusal(refusalOf(error), asked);
        }
        await clock.sleep(pauseMs);
      }
    }
  };

  return {
    namespace,
    createJob: (body) =>
      call('create', 'jobs.batch', (options) => batch.createNamespacedJob({ namespace, body }, options), 409),
    findJob: (name) =>
      call('get', 'jobs.batch', (options) => batch.readNamespacedJob({ namespace, name }, options), 404),
    listJobs: async (labelSelector) =>
      (
        await call('list', 'jobs.batch', (options) =>
          batch.listNamespacedJob({ namespace, labelSelector }, options),
        )
      )?.items ?? [],
    listPods: async (labelSelector) =>
      (await call('list', 'pods', (options) => core.listNamespacedPod({ namespace, labelSelector }, options)))
        ?.items ?? [],
    listEvents: async (pod) => {
      const fieldSelector = `involvedObject.kind=Pod,involvedObject.name=${pod}`;
      const found = await call('list', 'events', (options) =>
        core.listNamespacedEvent({ namespace, fieldSelector }, options),
      );
      const timeOf = ({ lastTimestamp, eventTime, firstTimestamp }: CoreV1Event): number =>
        (lastTimestamp ?? eventTime ?? firstTimestamp)?.getTime() ?? 0;
      return (found?.items ?? []).sort((a, b) => timeOf(a) - timeOf(b)).map(({ reason }) => reason ?? '');
    },
    deleteJob: async (name) => {
      await call(
        'delete',
        'jobs.batch',
        (options) => batch.deleteNamespacedJob({ namespace, name, propagationPolicy: 'Foreground' }, options),
        404,
      );
    },
  };
}

function loadContext(config: KubeConfig, context: string | null): void {
  try {
    if (context === null && existsSync(tokenFile)) config.loadFromCluster();
    else config.loadFromDefault();
  } catch (error) {
    throw badConfig(`The kubeconfig cannot be read: ${asError(error).message}`, error);
  }
  if (context !== null) {
    if (config.getContextObject(context) === null) {
      const known = config.getContexts().map(({ name }) => name);
      throw badConfig(
        `TREX_K8S_CONTEXT: the kubeconfig has no context ${context}, only ${known.join(', ') || 'none at all'}`,
      );
    }
    config.setCurrentContext(context);
  }
  // Without a kubeconfig the client makes up a context.
  const made = config.getCurrentContext() === 'loaded-context';
  if (made || config.getCurrentCluster() === null) {
    throw badConfig(
      'TREX_CLUSTER is kubernetes, and there is no kubeconfig with a current context. Set KUBECONFIG or TREX_K8S_CONTEXT',
    );
  }
}

const badConfig = (message: string, cause?: unknown): TrexError =>
  new TrexError('bad_config', 'config', `${message}.`, { cause });

/** The API server answers with a Status object; a proxy in front of it may answer with a page. */
function refusalOf({ code, body }: ApiException<unknown>): Refusal {
  try {
    const status: unknown = typeof body === 'string' ? JSON.parse(body) : body;
    const { reason, message } = status as Record<string, unknown>;
    return { code, reason: String(reason ?? ''), message: String(message ?? '') };
  } catch {
    return { code, reason: '', message: '' };
  }
}
