/** Polls `look` until it gives a value. `what` may be a function, which is called on a timeout to describe the last state. */
export async function until<T>(
  what: string | (() => string),
  timeoutMs: number,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const startedMs = performance.now();
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() - startedMs > timeoutMs) {
      const named = typeof what === 'string' ? what : what();
      throw new Error(`waited ${timeoutMs / 1000} s for ${named}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
