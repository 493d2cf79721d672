import type { ShipKind, ShipTerms } from '../campaign/shipment.ts';
import { TrexError } from '../lib/errors.ts';

/** The files of one folder, sent as a whole. */
export interface Parcel {
  /** Name of the folder or repository: lower-case letters, digits and `-`, at most 90 characters. */
  name: string;
  /** A description in one line. */
  title: string;
  files: ParcelFile[];
}

export interface ParcelFile {
  /** File name, without a folder. */
  name: string;
  /** Path on this machine. */
  path: string;
  bytes: number;
  sha256: string;
}

/** The target cannot take the parcel now and may later. */
export class ShipLater extends TrexError {
  /** Pause that the target asks for; null when it asks for none. */
  readonly retryAfterMs: number | null;

  constructor(message: string, retryAfterMs: number | null = null) {
    super('ship_later', 'provider', message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A place that finished weights can be sent to. */
export interface ShipTarget {
  readonly kind: ShipKind;
  /** For a button: `huggingface.co/acme`. */
  readonly label: string;
  /** The terms that an approval of sending a parcel of this name is bound to. */
  termsOf(name: string): ShipTerms;
  /**
   * Sends a parcel: all of it becomes visible at once, or nothing. Called again after an interruption it resumes, and
   * it does nothing where the same files are there already.
   * @returns where people find it
   * @throws ShipLater for trouble that may pass; TrexError with fault `config` when a person has to set something
   * right, and `ours` or `data` when repeating cannot help
   */
  ship(
    parcel: Parcel,
    /** `onProgress` gets the share of bytes sent, in [0, 1]. Once `signal` is aborted, `ship` stops soon and throws. */
    how: { onProgress: (share: number) => void; signal: AbortSignal },
  ): Promise<{ url: string }>;
}
