import type { Content } from '../campaign/messages.ts';
import { TrexError } from '../lib/errors.ts';

export interface RenderContext {
  /** How a picture reaches the message: by address, by upload, or not at all. */
  pictureMode: 'url' | 'upload' | 'none';
}

/** The place to repair before messages arrive again: one channel, or the whole workspace. */
export interface Repair {
  scope: 'channel' | 'workspace';
  /** The problem and its remedy, in a sentence or two. */
  sentence: string;
}

/**
 * A message could not be delivered. `permanent`: Slack refuses its content, and always will; `uncertain`: it may have
 * arrived (a time-out after the server had it), so look it up before sending again. Any other failure is retried.
 */
export class DeliveryError extends TrexError {
  readonly permanent: boolean;
  readonly uncertain: boolean;
  readonly retryAfterMs: number | null;
  /** The message to edit is not there any more: deleted, too old, or the local workspace began anew. */
  readonly gone: boolean;
  /** Null: nobody has to do anything. */
  readonly repair: Repair | null;

  constructor(
    message: string,
    how: {
      permanent: boolean;
      uncertain: boolean;
      retryAfterMs?: number | null;
      gone?: boolean;
      repair?: Repair | null;
      cause?: unknown;
    },
  ) {
    super('delivery_failed', 'provider', message, { cause: how.cause });
    this.permanent = how.permanent;
    this.uncertain = how.uncertain;
    this.retryAfterMs = how.retryAfterMs ?? null;
    this.gone = how.gone ?? false;
    this.repair = how.repair ?? null;
  }
}

/** The chat as the delivery loop uses it. Every method throws DeliveryError. */
export interface Chat {
  post(input: {
    channel: string;
    threadTs: string | null;
    key: string;
    content: Content;
    context: RenderContext;
    /** Ids of people whose attention it asks for. */
    mention?: readonly string[];
  }): Promise<{ ts: string }>;
  update(input: {
    channel: string;
    ts: string;
    key: string;
    content: Content;
    context: RenderContext;
  }): Promise<void>;
  /** A message that we posted with this key, so that a retry never posts twice. */
  find(input: {
    channel: string;
    threadTs: string | null;
    key: string;
    since: Date;
  }): Promise<{ ts: string } | null>;
  /** Uploads a file, where nobody sees it yet. @returns its id, which `share` accepts for some days */
  upload(input: { name: string; bytes: Uint8Array; altText: string }): Promise<string>;
  /** Posts uploaded files as one message. Its DeliveryError is `gone` when they have to be uploaded again. */
  share(input: {
    channel: string;
    threadTs: string | null;
    key: string;
    content: Extract<Content, { kind: 'files' }>;
    uploaded: readonly { id: string; name: string }[];
  }): Promise<void>;
  /** The message that shows an uploaded file, so that a retry never shows it twice. */
  findShared(input: {
    channel: string;
    threadTs: string | null;
    fileId: string;
    since: Date;
  }): Promise<{ ts: string } | null>;
  react(input: { channel: string; ts: string; name: string }): Promise<void>;
  ephemeral(input: { channel: string; user: string; text: string; threadTs: string | null }): Promise<void>;
  permalink(input: { channel: string; ts: string }): Promise<string | null>;
  /**
   * Whether the chat knows the message that a thread hangs on. False is a definite answer: trouble of the network, of
   * rights or of the token throws.
   */
  hasThread(input: { channel: string; threadTs: string }): Promise<boolean>;
  /** The channel of the direct conversation with a person. */
  directChannel(user: string): Promise<string>;
  userName(user: string): Promise<string>;
  timeZoneOf(user: string): Promise<string | null>;
}
