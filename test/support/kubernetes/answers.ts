/**
 * Answers of a control plane in the shapes of a real one (1.20: its API server, scheduler and Job controller), with only
 * the fields that the adapter reads. The condition DisruptionTarget is of 1.26 and later, from their documents.
 */

export interface Metadata {
  name: string;
  namespace: string;
  uid: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  finalizers?: string[];
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller: boolean }[];
}

export interface Condition {
  type: string;
  status: 'True' | 'False';
  reason?: string;
  message?: string;
  lastTransitionTime: string;
}

interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: { fieldRef: { fieldPath: string } };
}

export interface PodSpec {
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  activeDeadlineSeconds?: number;
  terminationGracePeriodSeconds: number;
  containers: {
    name: string;
    image: string;
    command: string[];
    env?: EnvVar[];
    resources?: { limits?: Record<string, string> };
  }[];
}

export interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: {
    exitCode: number;
    reason: string;
    message?: string;
    startedAt: string;
    finishedAt: string;
  };
}

export interface Pod {
  apiVersion: 'v1';
  kind: 'Pod';
  metadata: Metadata;
  spec: PodSpec;
  status: {
    phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
    startTime?: string;
    reason?: string;
    message?: string;
    conditions: Condition[];
    containerStatuses?: {
      name: string;
      image: string;
      restartCount: number;
      ready: boolean;
      state: ContainerState;
    }[];
  };
}

export interface Job {
  apiVersion: 'batch/v1';
  kind: 'Job';
  metadata: Metadata;
  spec: {
    suspend?: boolean;
    backoffLimit: number;
    ttlSecondsAfterFinished?: number;
    template: { metadata: { labels: Record<string, string> }; spec: PodSpec };
  };
  status: {
    startTime?: string;
    active?: number;
    succeeded?: number;
    failed?: number;
    conditions?: Condition[];
  };
}

/** Kubernetes counts in whole seconds. */
export const timestamp = (date = new Date()): string => date.toISOString().replace(/\.\d+Z$/, 'Z');

export const condition = (
  type: string,
  status: 'True' | 'False',
  reason?: string,
  message?: string,
): Condition => ({
  ...{ type, status, lastTransitionTime: timestamp() },
  ...(reason !== undefined && { reason }),
  ...(message !== undefined && { message }),
});

/** An answer that refuses a request. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: object;
  status: 'Failure';
  message: string;
  reason: string;
  details?: object;
  code: number;
}

const status = (code: number, reason: string, message: string, details?: object): Status => ({
  ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason },
  ...(details !== undefined && { details }),
  code,
});

export type Verb = 'create' | 'get' | 'list' | 'delete';
export type Resource = 'jobs' | 'pods' | 'events';

const groupOf = (resource: Resource): string => (resource === 'jobs' ? 'batch' : '');
const fullName = (resource: Resource): string => (resource === 'jobs' ? 'jobs.batch' : resource);

export const refusals = {
  unauthorized: () => status(401, 'Unauthorized', 'Unauthorized'),
  forbidden: (user: string, verb: Verb, resource: Resource, namespace: string, name?: string) =>
    status(
      403,
      'Forbidden',
      `${fullName(resource)}${name === undefined ? '' : ` "${name}"`} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${groupOf(resource)}" in the namespace "${namespace}"`,
      { ...(name !== undefined && { name }), group: groupOf(resource), kind: resource },
    ),
  overQuota: (name: string) =>
    status(
      403,
      'Forbidden',
      `jobs.batch "${name}" is forbidden: exceeded quota: training, requested: count/jobs.batch=1, used: count/jobs.batch=4, limited: count/jobs.batch=4`,
      { name, group: 'batch', kind: 'jobs' },
    ),
  noNamespace: (namespace: string) =>
    status(404, 'NotFound', `namespaces "${namespace}" not found`, { name: namespace, kind: 'namespaces' }),
  notFound: (resource: Resource, name: string) =>
    status(404, 'NotFound', `${fullName(resource)} "${name}" not found`, {
      ...{ name, group: groupOf(resource), kind: resource },
    }),
  exists: (name: string) =>
    status(409, 'AlreadyExists', `jobs.batch "${name}" already exists`, {
      name,
      group: 'batch',
      kind: 'jobs',
    }),
  invalid: (name: string, field: string, text: string) =>
    status(422, 'Invalid', `Job.batch "${name}" is invalid: ${field}: Invalid value: ${text}`, {
      ...{ name, group: 'batch', kind: 'Job', causes: [] },
    }),
  tooMany: () =>
    status(429, 'TooManyRequests', 'Too many requests, please try again later.', { retryAfterSeconds: 1 }),
  failing: () => status(500, 'InternalError', 'Internal error occurred: etcdserver: leader changed', {}),
};
