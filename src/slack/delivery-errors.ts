import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { asError } from '../lib/errors.ts';
import { readRetryAfter } from '../lib/retry-after.ts';
import { DeliveryError, type Repair } from '../operations/chat.ts';
import { readRefusal } from './refusals.ts';

const rateLimits = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);

/** Connection errors before the request left this machine: certain that nothing happened. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Slack's code for a failed call: `channel_not_found`, `invalid_blocks`; null when Slack did not answer. */
export function slackCodeOf(error: unknown): string | null {
  return error instanceof WebAPIPlatformError ? error.data.error : null;
}

export function asDeliveryError(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const fail = (
    message: string,
    how: {
      retryAfterMs?: number;
      permanent?: boolean;
      uncertain?: boolean;
      gone?: boolean;
      repair?: Repair;
    },
  ): DeliveryError =>
    new DeliveryError(message, {
      ...how,
      permanent: how.permanent ?? false,
      uncertain: how.uncertain ?? false,
      cause: error,
    });
  if (error instanceof WebAPIRateLimitedError) {
    return fail(`Slack asks to wait ${error.retryAfter} s.`, {
      retryAfterMs: error.retryAfter * 1000,
    });
  }
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error;
    // The package takes the page of a proxy for Slack's code.
    if (!/^[a-z0-9_]{1,80}$/.test(code))
      return fail('Something between here and Slack answered in its place.', { uncertain: true });
    const detail = (error.data.response_metadata?.messages ?? []).slice(0, 3).join('; ');
    const message = `Slack refused the call: ${code}${detail ? ` (${detail})` : ''}.`;
    if (rateLimits.has(code)) return fail(message, { retryAfterMs: 30_000 });
    const refusal = readRefusal(code);
    switch (refusal.kind) {
      case 'gone':
        return fail(message, { permanent: true, gone: true });
      case 'message':
        return fail(message, { permanent: true });
      case 'repair':
        return fail(`${message} ${refusal.repair.sentence}`, { repair: refusal.repair });
      case 'passing':
        return fail(message, { uncertain: refusal.uncertain });
    }
  }
  if (error instanceof WebAPIHTTPError) {
    if (error.statusCode === 429) {
      const retryAfterMs = readRetryAfter((name) => error.headers[name], new Date());
      return fail('Slack asks to wait.', { retryAfterMs: retryAfterMs ?? 30_000 });
    }
    // Slack refuses with 200 and a code; another status is a proxy's or an outage, and is temporary.
    return fail(`Slack answered HTTP ${error.statusCode}.`, { uncertain: error.statusCode >= 500 });
  }
  if (error instanceof WebAPIRequestError) {
    const code = connectionCode(error.original);
    return fail(`Slack did not answer (${code ?? error.original.message}).`, {
      uncertain: code === null || !neverSent.has(code),
    });
  }
  // Neither an answer of Slack nor a network failure: a bug of ours. Uncertain, because the progress of the call is
  // unknown.
  return fail(`The call to Slack failed: ${asError(error).message}`, { uncertain: true });
}

function connectionCode(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
  }
  return null;
}
