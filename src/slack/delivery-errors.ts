import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { asError } from '../lib/errors.ts';
import { readRetryAfter } from '../lib/retry-after.ts';
import { DeliveryError } from './bot-port.ts';

/** Errors after which Slack may have done it all the same (docs.slack.dev, `fatal_error`). */
const uncertainPlatformErrors = new Set(['fatal_error', 'internal_error', 'request_timeout']);

/** Errors that pass by themselves. Every other answer of Slack is about the call, so repeating it cannot help. */
const passingPlatformErrors = new Set([
  'service_unavailable',
  'team_added_to_org',
  'accesslimited',
  'ratelimited',
]);

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
    how: { retryAfterMs?: number; permanent?: boolean; uncertain?: boolean; gone?: boolean },
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
    const detail = (error.data.response_metadata?.messages ?? []).slice(0, 3).join('; ');
    const message = `Slack refused the call: ${code}${detail ? ` (${detail})` : ''}.`;
    if (uncertainPlatformErrors.has(code)) return fail(message, { uncertain: true });
    if (code === 'ratelimited') return fail(message, { retryAfterMs: 30_000 });
    return fail(message, { permanent: !passingPlatformErrors.has(code), gone: code === 'message_not_found' });
  }
  if (error instanceof WebAPIHTTPError) {
    if (error.statusCode === 429) {
      const retryAfterMs = readRetryAfter((name) => error.headers[name], new Date());
      return fail('Slack asks to wait.', { retryAfterMs: retryAfterMs ?? 30_000 });
    }
    return fail(`Slack answered HTTP ${error.statusCode}.`, {
      permanent: error.statusCode < 500,
      uncertain: error.statusCode >= 500,
    });
  }
  if (error instanceof WebAPIRequestError) {
    const code = connectionCode(error.original);
    return fail(`Slack did not answer (${code ?? error.original.message}).`, {
      uncertain: code === null || !neverSent.has(code),
    });
  }
  // Not an answer of Slack and not a network failure: ours. Uncertain, because we cannot tell how far it came.
  return fail(`The call to Slack failed: ${asError(error).message}`, { uncertain: true });
}

function connectionCode(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
  }
  return null;
}
