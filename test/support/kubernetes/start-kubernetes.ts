import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Job,
  type Metadata,
  type Resource,
  refusals,
  type Status,
  timestamp,
  type Verb,
} from './answers.ts';
import { type ControlPlane, createControlPlane, type Node, newMetadata } from './control-plane.ts';

export interface FakeKubernetes extends ControlPlane {
  /** Path for KUBECONFIG. Its current context is `fake`, in the namespace `training`; others are `nowhere` and `stranger`. */
  kubeconfig: string;
  /** All requests, as `list jobs`. */
  asked: string[];
  /** Faults of the API server from now on. */
  trouble: {
    /** Rights that the account lacks, as `create jobs`. */
    missing: Set<string>;
    /** The next `times` requests are answered with 429 and this `Retry-After`, seconds. */
    busy: { times: number; retryAfterSeconds: number };
    /** `failing` answers with 500, `slow` never. */
    mood: 'well' | 'failing' | 'slow';
    isQuotaUsedUp: boolean;
    /** Whether Kueue is installed: a Job with a queue is suspended at its creation. */
    hasKueue: boolean;
    /** The connection breaks at the next creation, before or after it. */
    breaks: 'before' | 'after' | null;
  };
  /** Closes the API server; containers on the nodes go on. */
  shutDown(): Promise<void>;
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

const token = 'a-token-of-the-test';
const namespace = 'training';
const account = 'system:serviceaccount:training:trex';

/** An API server on loopback with a control plane behind it; `answers.ts` says how close it is to a real one. */
export async function startKubernetes(nodes: Node[]): Promise<FakeKubernetes> {
  const plane = createControlPlane(nodes);
  const asked: string[] = [];
  const trouble: FakeKubernetes['trouble'] = {
    ...{ missing: new Set<string>(), busy: { times: 0, retryAfterSeconds: 0 }, mood: 'well' },
    ...{ isQuotaUsedUp: false, hasKueue: false, breaks: null },
  };

  const createJob = (body: string): Status | Job => {
    const job = JSON.parse(body) as Job;
    const { name, labels, annotations } = job.metadata as Metadata;
    if (trouble.isQuotaUsedUp) return refusals.overQuota(name);
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
      return refusals.invalid(
        name,
        'metadata.name',
        `"${name}": a DNS-1123 subdomain must consist of lower case`,
      );
    }
    if (plane.jobs.has(name)) return refusals.exists(name);
    job.metadata = { ...newMetadata(name, namespace), labels, annotations };
    job.status = {};
    if (trouble.hasKueue && labels['kueue.x-k8s.io/queue-name'] !== undefined) job.spec.suspend = true;
    plane.jobs.set(name, job);
    return job;
  };

  const deleteJob = (job: Job, policy: string | null): object => {
    if (policy === 'Foreground') {
      job.metadata.deletionTimestamp ??= timestamp();
      job.metadata.finalizers = ['foregroundDeletion'];
      return job;
    }
    plane.jobs.delete(job.metadata.name);
    for (const pod of plane.pods.values())
      if (pod.metadata.ownerReferences?.[0]?.uid === job.metadata.uid) plane.deletePod(pod);
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
  };

  const answer = (verb: Verb, url: URL, body: string): object => {
    const [, , where = '', resource = '', name] =
      /^\/(apis\/batch\/v1|api\/v1)\/namespaces\/([^/]+)\/(jobs|pods|events)(?:\/([^/]+))?$/.exec(
        url.pathname,
      ) ?? [];
    const what = resource as Resource;
    if (trouble.missing.has(`${verb} ${what}`)) {
      return refusals.forbidden(account, verb, what, where, verb === 'create' ? undefined : name);
    }
    if (verb === 'create') return where === namespace ? createJob(body) : refusals.noNamespace(where);
    if (verb === 'list' && what === 'events') {
      const pod = plane.pods.get(
        /involvedObject\.name=([^,]+)/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1] ?? '',
      );
      const isPulled = plane.pulledImages.has(pod?.spec.containers[0]?.image ?? '');
      const items = isPulled ? [{ reason: 'Scheduled' }, { reason: 'Pulling' }] : [{ reason: 'Scheduled' }];
      return { kind: 'EventList', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items };
    }
    if (verb === 'list' && what !== 'events') {
      const items = [...plane[what].values()].filter(
        ({ metadata }) =>
          where === namespace && matches(metadata.labels, url.searchParams.get('labelSelector') ?? ''),
      );
      return what === 'jobs'
        ? { kind: 'JobList', apiVersion: 'batch/v1', metadata: { resourceVersion: '1' }, items }
        : { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items };
    }
    const job = where === namespace ? plane.jobs.get(name ?? '') : undefined;
    if (job === undefined) return refusals.notFound(what, name ?? '');
    return verb === 'get' ? job : deleteJob(job, url.searchParams.get('propagationPolicy'));
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url ?? '/', 'http://fake');
    const isNamed = /\/(jobs|pods)\/[^/]+$/.test(url.pathname);
    const verb = ({ POST: 'create', DELETE: 'delete' }[request.method ?? ''] ??
      (isNamed ? 'get' : 'list')) as Verb;
    asked.push(`${verb} ${/\/(jobs|pods|events)/.exec(url.pathname)?.[1]}`);
    const send = (content: object, headers: Record<string, string> = {}): void => {
      const code = 'code' in content ? Number(content.code) : verb === 'create' ? 201 : 200;
      response.writeHead(code, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(content));
    };
    if (trouble.mood === 'slow') return;
    if (request.headers.authorization !== `Bearer ${token}`) return send(refusals.unauthorized());
    if (trouble.busy.times > 0) {
      trouble.busy.times--;
      return send(refusals.tooMany(), { 'retry-after': String(trouble.busy.retryAfterSeconds) });
    }
    if (trouble.mood === 'failing') return send(refusals.failing());
    const broken = verb === 'create' ? trouble.breaks : null;
    if (broken !== null) trouble.breaks = null;
    if (broken === 'before') return void request.socket.destroy();
    const content = answer(verb, url, body);
    if (broken === 'after') return void request.socket.destroy();
    send(content);
  };

  const server = createServer((request, response) => void handle(request, response));
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const dir = mkdtempSync(join(tmpdir(), 'trex-kube-'));
  const kubeconfig = join(dir, 'config');
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(`http://127.0.0.1:${port}`)));
  return {
    ...{ ...plane, kubeconfig, asked, trouble },
    shutDown: close,
    startAgain: () => listen(port),
    stop: async () => {
      plane.stop();
      await close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** `a=b`, or `a in (b,c)`. */
function matches(labels: Record<string, string>, selector: string): boolean {
  const [, name = '', one, many] = /^([\w./-]+)(?:=([\w.-]+)| in \(([\w.,-]*)\))$/.exec(selector) ?? [];
  const value = labels[name];
  return value !== undefined && (many?.split(',') ?? [one]).includes(value);
}

/** A kubeconfig; JSON is YAML. It allows plain HTTP explicitly, which is for loopback only. */
function kubeconfigFor(server: string): object {
  const context = (name: string, user: string, more: object) => ({
    name,
    context: { cluster: 'fake', user, ...more },
  });
  return {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'fake' },
    clusters: [{ name: 'fake', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [
      { name: 'bot', user: { token } },
      { name: 'stranger', user: { token: 'of another cluster' } },
    ],
    contexts: [
      context('fake', 'bot', { namespace }),
      context('nowhere', 'bot', { namespace: 'nowhere' }),
      context('stranger', 'stranger', { namespace }),
    ],
  };
}
