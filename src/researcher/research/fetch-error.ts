import { TrexError } from '../../lib/errors.ts';

/** A service did not deliver; the message is a sentence without addresses of ours or secrets. */
export class FetchError extends TrexError {
  /** HTTP status of the answer; null when there was none, or when the request was refused before it left. */
  readonly status: number | null;
  /** Asking again later may help. */
  readonly passing: boolean;
  /** The pause that the service asks for; null when it did not say. */
  readonly waitMs: number | null;
  /** The service is fine; this one thing is not there, not for us, or cannot be shown. */
  readonly isAboutOne: boolean;

  constructor(
    message: string,
    how: {
      status?: number;
      passing?: boolean;
      waitMs?: number | null;
      isAboutOne?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super('fetch_failed', 'provider', message, { cause: how.cause });
    this.status = how.status ?? null;
    this.passing = how.passing ?? false;
    this.waitMs = how.waitMs ?? null;
    this.isAboutOne = how.isAboutOne ?? false;
  }
}
