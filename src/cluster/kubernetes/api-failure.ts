import { TrexError } from '../../lib/errors.ts';
import { TurnedAwayError } from '../port.ts';

/** The API request, in the API's own words. */
export interface Asked {
  verb: 'create' | 'get' | 'list' | 'delete';
  resource: 'jobs.batch' | 'pods' | 'events';
  namespace: string;
  /** For people: the address of the API server. */
  server: string;
}

/** A refusal by the API server. */
export interface Refusal {
  code: number;
  /** The reason in its own words: AlreadyExists, Forbidden; empty where a proxy answered. */
  reason: string;
  message: string;
}

/**
 * Refusals of a Job that are permanent: a malformed object, a rule of the namespace. Every other refusal may pass;
 * webhooks and proxies use reasons of their own.
 */
function isFinal({ code, message }: Refusal, { verb }: Asked): boolean {
  if (verb !== 'create') return false;
  if (code === 400 || code === 413 || code === 422) return true;
  return (
    code === 403 &&
    /denied the request|violates PodSecurity|failed quota|(minimum|maximum) .* (per|usage)|unable to validate/.test(
      message,
    )
  );
}

/** Whose fault a refusal is, and what to do. Messages of the API server hold nothing secret. */
export function explainRefusal(refusal: Refusal, asked: Asked): TrexError {
  const { code, reason, message } = refusal;
  const { verb, resource, namespace, server } = asked;
  const said = message.trim().slice(0, 500) || reason || `HTTP ${code}`;
  const passing = (name: string, text: string): TrexError => new TrexError(name, 'cluster', text);
  if (isFinal(refusal, asked)) {
    return new TrexError(
      'kubernetes_refused',
      'config',
      `Kubernetes refused to ${verb} ${resource} in ${namespace}: ${said}`,
    );
  }
  if (code === 404 && verb === 'create' && /namespaces? /.test(message)) {
    return new TrexError(
      'kubernetes_namespace',
      'config',
      `The namespace ${namespace} does not exist in Kubernetes at ${server}. Set TREX_K8S_NAMESPACE.`,
    );
  }
  if (code === 401) {
    return new TurnedAwayError(
      'kubernetes_login',
      `Kubernetes at ${server} does not accept the credentials of the bot.`,
    );
  }
  if (code === 403 && /exceeded quota/.test(message)) {
    return passing('quota_used_up', `A quota of the namespace ${namespace} is used up: ${said}`);
  }
  if (code === 403 && /cannot \w+ resource/.test(message)) {
    return new TurnedAwayError(
      'kubernetes_right_missing',
      `The bot may not ${verb} ${resource} in the namespace ${namespace}. Give its account that right (RBAC). Kubernetes said: ${said}`,
    );
  }
  if (code === 429) {
    return passing('kubernetes_busy', `Kubernetes at ${server} asks for fewer requests: ${said}`);
  }
  return passing('kubernetes_down', `Kubernetes at ${server} answers with ${code}: ${said}`);
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
    return new TurnedAwayError(
      'kubernetes_untrusted',
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
