import type { Content } from '../campaign/messages.ts';
import { TrexError } from '../lib/errors.ts';

export interface RenderContext {
  /** How a picture reaches the message: by address, by upload, or not at all. */
  pictureMode: 'url' | 'upload' | 'none';
}

/**
 * A message could not be delivered. `permanent` will never work (channel archived, bot removed); `uncertain` may
 * have worked (time-out after the server had it), so look before sending again.
 */
export class DeliveryError extends TrexError {
  readonly permanent: boolean;
  readonly uncertain: boolean;
  readonly retryAfterMs: number | null;
  /** The message to be edited is not there any more: somebody deleted it, or the local workspace began anew. */
  readonly gone: boolean;

  constructor(
    message: string,
    how: {
      permanent: boolean;
      uncertain: boolean;
      retryAfterMs?: number | null;
      gone?: boolean;
      cause?: unknown;
    },
  ) {
    super('delivery_failed', 'provider', message, { cause: how.cause });
    this.permanent = how.permanent;
    this.uncertain = how.uncertain;
    this.retryAfterMs = how.retryAfterMs ?? null;
    this.gone = how.gone ?? false;
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
  react(input: { channel: string; ts: string; name: string }): Promise<void>;
  ephemeral(input: { channel: string; user: string; text: string; threadTs: string | null }): Promise<void>;
  permalink(input: { channel: string; ts: string }): Promise<string | null>;
  userName(user: string): Promise<string>;
  timeZoneOf(user: string): Promise<string | null>;
}
