import { ShipLater } from './port.ts';

export interface FetchOptions {
  /** A request that moves no bytes for this long is given up, milliseconds. */
  stallMs: number;
  signal: AbortSignal;
  /** Bytes of a file that have gone out. */
  onUpload: (bytes: number) => void;
}

/**
 * `fetch` for uploads that take hours: no limit on the whole request, one on a stall.
 * @throws ShipLater for 429 and 503, with the server's `Retry-After`, and when nothing moves
 */
export function createPatientFetch({ stallMs, signal, onUpload }: FetchOptions): typeof fetch {
  return async (input, init = {}) => {
    const stalled = new AbortController();
    let timer = setTimeout(() => stalled.abort(), stallMs);
    const moves = (bytes: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), stallMs);
      onUpload(bytes);
    };
    const signals = [signal, stalled.signal, ...(init.signal ? [init.signal] : [])];
    const body = init.body instanceof Blob ? watched(init.body, moves) : init.body;
    try {
      const response = await fetch(input, {
        ...init,
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.any(signals),
      });
      // Answers are small; read here, so that one that breaks off throws here.
      const text = await response.arrayBuffer();
      if (response.status === 429 || response.status === 503) {
        throw new ShipLater(
          `${new URL(response.url).host} asks to wait (${response.status}).`,
          retryAfterMs(response),
        );
      }
      const { status, statusText, headers } = response;
      const whole = new Response(text.byteLength === 0 ? null : text, { status, statusText, headers });
      Object.defineProperty(whole, 'url', { value: response.url });
      return whole;
    } catch (error) {
      if (!stalled.signal.aborted || signal.aborted) throw error;
      throw new ShipLater(`Nothing moved for ${stallMs / 1000} s.`);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Reads `Retry-After` (seconds, or a date), as milliseconds; null when it is missing or makes no sense. */
function retryAfterMs({ headers }: Response): number | null {
  const after = headers.get('retry-after')?.trim();
  if (after === undefined) return null;
  const ms = /^\d+$/.test(after)
    ? Number(after) * 1000
    : Date.parse(after) - Date.parse(headers.get('date') ?? '');
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}

/** A file that reports how much of it has been read; its size is known, so that it is sent with a length. */
function watched(file: Blob, onBytes: (bytes: number) => void): Blob {
  const watch = (): TransformStream =>
    new TransformStream({
      transform: (piece: Uint8Array, controller) => {
        onBytes(piece.byteLength);
        controller.enqueue(piece);
      },
    });
  return Object.defineProperties(new Blob([]), {
    size: { value: file.size },
    stream: { value: () => file.stream().pipeThrough(watch()) },
  });
}
