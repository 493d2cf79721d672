import type { ShipKind, ShipTerms } from '../campaign/shipment.ts';
import { TrexError } from '../lib/errors.ts';

/** What is sent: the files of one folder. */
export interface Parcel {
  /** Of the folder or repository: lower-case letters, digits and `-`, at most 90 characters. */
  name: string;
  /** What it is, in a line. */
  title: string;
  files: ParcelFile[];
}

export interface ParcelFile {
  /** Bare. */
  name: string;
  /** Where it lies on this machine. */
  path: string;
  bytes: number;
  sha256: string;
}

/** The target cannot take it now and may later. */
export class ShipLater extends TrexError {
  /** How long it asks to be left alone; null: it does not say. */
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
  /** What a yes to sending a parcel of this name is bound to. */
  termsOf(name: string): ShipTerms;
  /**
   * Sends a parcel: all of it becomes visible at once, or nothing. Repeated after any interruption it goes on, and does
   * nothing where the same files are there already.
   * @returns where people find it
   * @throws ShipLater for what may pass; TrexError with fault `config` for what a person has to set right, and `ours`
   * or `data` for what will not work at all
   */
  ship(
    parcel: Parcel,
    /** `onProgress` gets the share of bytes that have gone, in [0, 1]. Aborted, it stops soon and throws. */
    how: { onProgress: (share: number) => void; signal: AbortSignal },
  ): Promise<{ url: string }>;
}
