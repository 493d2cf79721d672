/**
 * How long an answer asks to be left alone, in milliseconds: `Retry-After` in seconds or as a date, else what is left of the
 * window in `RateLimit: "api";r=0;t=55` (Hugging Face). Null when it does not say.
 */
export function readRetryAfter(headers: Record<string, string>, now: Date): number | null {
  const after = headers['retry-after']?.trim();
  if (after !== undefined && /^\d+$/.test(after)) return Number(after) * 1000;
  const date = after === undefined ? Number.NaN : Date.parse(after);
  if (Number.isFinite(date)) return Math.max(0, date - now.getTime());
  const window = /;\s*r=0\b.*;\s*t=(\d+)/.exec(headers.ratelimit ?? '')?.[1];
  return window === undefined ? null : Number(window) * 1000;
}
