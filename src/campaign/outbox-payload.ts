import type { Content } from './messages.ts';

/** Stored whole: it is delivered as it was said. */
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
 * What a row of the outbox says. Things that change (progress, cards, reports) are stored by reference and read
 * when they are delivered, so that a late delivery shows the newest truth.
 */
export type OutboxPayload =
  | SaidAsStored
  /** `card` is the brief that it is about, as it was shown, to be shown again; `asker` is the id of who asked first. */
  | (Extract<Content, { kind: 'start_request' }> & {
      card: Extract<Content, { kind: 'brief' }>;
      asker: string;
    })
  /** For one person alone, where they said or pressed something. */
  | { kind: 'private'; user: string; text: string }
  | { kind: 'progress'; campaignId: string }
  /** The first message of a new thread: the campaign moves there with it. */
  | { kind: 'thread'; campaignId: string }
  | { kind: 'approval'; approvalId: string }
  | { kind: 'failure'; campaignId: string; node: number; next: string }
  | { kind: 'node'; campaignId: string; node: number }
  /** `end`: which end of the campaign it reports; unset in rows of versions that knew one only. */
  | { kind: 'report'; campaignId: string; end?: number }
  /** `uploaded`: what was handed over already; unset before that. */
  | { kind: 'files'; campaignId: string; end: number; uploaded?: { id: string; name: string }[] }
  | { kind: 'shipment'; shipmentId: string }
  | { kind: 'running'; list: string; ids: string[] };
