import type { Content } from './messages.ts';

/** Stored whole: it is delivered unchanged. */
type SaidAsStored = Extract<
  Content,
  {
    kind:
      | 'text'
      | 'problem'
      | 'question'
      | 'brief'
      | 'insight'
      | 'findings'
      | 'waiting'
      | 'budget_reached'
      | 'confirmation'
      | 'summary';
  }
>;

/**
 * The content of an outbox row. Changing content (progress, cards, reports) is stored by reference and read on
 * delivery, so that a late delivery shows the newest state.
 */
export type OutboxPayload =
  | SaidAsStored
  /**
   * `card` is the brief of the request as it was shown, to be shown again; `asker` is the id of the first requester.
   */
  | (Extract<Content, { kind: 'start_request' }> & {
      card: Extract<Content, { kind: 'brief' }>;
      asker: string;
    })
  /** For one person alone, in the channel or thread of their message or click. */
  | { kind: 'private'; user: string; text: string }
  | { kind: 'progress'; campaignId: string }
  /** The first message of a new thread: the campaign moves there with it. */
  | { kind: 'thread'; campaignId: string }
  | { kind: 'approval'; approvalId: string }
  | { kind: 'failure'; campaignId: string; node: number; next: string }
  | { kind: 'node'; campaignId: string; node: number }
  /** `end`: number of the end that it reports; unset in rows of versions that knew only one. */
  | { kind: 'report'; campaignId: string; end?: number }
  /** `uploaded`: files uploaded so far; unset before the first. */
  | { kind: 'files'; campaignId: string; end: number; uploaded?: { id: string; name: string }[] }
  | { kind: 'shipment'; shipmentId: string }
  | { kind: 'running'; list: string; ids: string[] };
