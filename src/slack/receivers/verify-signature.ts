import { createHmac, timingSafeEqual } from 'node:crypto';

/** Slack's rule for old requests; we refuse requests from the future by the same measure, which the SDK does not. */
export const maxSkewSeconds = 300;

export type SignatureProblem = 'missing' | 'stale' | 'mismatch';

/**
 * Checks `x-slack-signature`: `v0=` + hex HMAC-SHA256 of `v0:timestamp:body` with the signing secret
 * (docs.slack.dev/authentication/verifying-requests-from-slack). Null when the request is Slack's.
 */
export function checkSignature(input: {
  secret: string;
  timestamp: string | undefined;
  signature: string | undefined;
  body: Uint8Array;
  nowSeconds: number;
}): SignatureProblem | null {
  const { secret, timestamp, signature, body, nowSeconds } = input;
  if (!timestamp || !signature || !/^\d{1,12}$/.test(timestamp)) return 'missing';
  if (Math.abs(nowSeconds - Number(timestamp)) > maxSkewSeconds) return 'stale';
  const expected = Buffer.from(
    `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`,
  );
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected) ? null : 'mismatch';
}
