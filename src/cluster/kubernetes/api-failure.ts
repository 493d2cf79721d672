import { TrexError } from '../../lib/errors.ts';

/** What was asked of the API, in its own words. */
export interface Asked {
  verb: 'create' | 'get' | 'list' | 'delete';
  resource: 'jobs.batch' | 'pods';
  namespace: string;
  /** For people: the address of the API server. */
  server: string;
}

/** A refusal by the API server. */
export interface Refusal {
  code: number;
  /** Its word for it: AlreadyExists, Forbidden; empty where a proxy answered. */
  reason: string;
  message: string;
}

/** Whose fault a refusal is, and what to do. Messages of the API server hold nothing secret. */
export function explainRefusal({ code, reason, message }: Refusal, asked: Asked): TrexError {
  const { verb, resource, namespace, server } = asked;
  const said = message.trim().slice(0, 500) || reason || `HTTP ${code}`;
  const config = (name: string, text: string): TrexError => new TrexError(name, 'config', text);
  if (code === 401) {
    return config('kubernetes_login', `Kubernetes at ${server} does not accept the credentials of the bot.`);
  }
  if (code === 403 && /exceeded quota/.test(message)) {
    return new TrexError(
      'quota_used_up',
      'cluster',
      `A quota of the namespace ${namespace} is used up: ${said}`,
    );
  }
  if (code === 403 && /cannot \w+ resource/.test(message)) {
    return config(
      'kubernetes_right_missing',
      `The bot may not ${verb} ${resource} in the namespace ${namespace}. Give its account that right (RBAC). Kubernetes said: ${said}`,
    );
  }
  if (code === 404 && verb === 'create') {
    return config(
      'kubernetes_namespace',
      `The namespace ${namespace} does not exist in Kubernetes at ${server}. Set TREX_K8S_NAMESPACE.`,
    );
  }
  if (code === 429) {
    return new TrexError(
      'kubernetes_busy',
      'cluster',
      `Kubernetes at ${server} asks for fewer requests: ${said}`,
    );
  }
  if (code >= 500 || code === 408) {
    return new TrexError(
      'kubernetes_down',
      'cluster',
      `Kubernetes at ${server} answers with ${code}: ${said}`,
    );
  }
  return config('kubernetes_refused', `Kubernetes refused to ${verb} ${resource} in ${namespace}: ${said}`);
}

/** A request that got no answer. */
export function explainSilence(error: unknown, { server }: Pick<Asked, 'server'>): TrexError {
  const { name, code, message } = error as NodeJS.ErrnoException;
  if (name === 'AbortError') {
    return new TrexError('kubernetes_slow', 'cluster', `Kubernetes at ${server} did not answer in time.`, {
      cause: error,
    });
  }
  if (/CERT|SIGNATURE|ALTNAME/.test(code ?? '')) {
    return new TrexError(
      'kubernetes_untrusted',
      'config',
      `The certificate of Kubernetes at ${server} is not the one in the kubeconfig: ${code}.`,
      { cause: error },
    );
  }
  return new TrexError(
    'kubernetes_down',
    'cluster',
    `Kubernetes at ${server} cannot be reached: ${(message ?? String(error)).slice(0, 300)}`,
    { cause: error },
  );
}
