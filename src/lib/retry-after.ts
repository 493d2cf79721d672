/**
 * Milliseconds until a server permits the next request: `Retry-After-Ms` (OpenAI), `Retry-After` in seconds or as a
 * date, else the rest of the window in `RateLimit: "api";r=0;t=55` (Hugging Face). Null when it does not say.
 * @param header reads a header by its name in lower case
 */
export function readRetryAfter(
  header: (name: string) => string | null | undefined,
  now: Date,
): number | null {
  const exact = numberOf(header('retry-after-ms'));
  if (exact !== null) return exact;
  const after = header('retry-after');
  const seconds = numberOf(after);
  if (seconds !== null) return seconds * 1000;
  const date = Date.parse(after ?? '');
  if (Number.isFinite(date)) return Math.max(0, date - now.getTime());
  const window = /;\s*r=0\b.*;\s*t=(\d+)/.exec(header('ratelimit') ?? '')?.[1];
  return window === undefined ? null : Number(window) * 1000;
}

const numberOf = (text: string | null | undefined): number | null =>
  text != null && /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : null;
