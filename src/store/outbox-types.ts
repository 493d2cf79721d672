import type { Brief, BriefReading } from '../campaign/brief.ts';
import type { Findings } from '../campaign/findings.ts';
import type { Choice, Question, SummaryCampaign } from '../campaign/messages.ts';
import type { StartRequest } from '../campaign/start-request.ts';
import type { Worth } from '../campaign/worth.ts';

export const outboxStates = ['pending', 'sending', 'sent', 'superseded', 'parked'] as const;
export type OutboxState = (typeof outboxStates)[number];

/**
 * What a row of the outbox says. Things that change (progress, cards, reports) are stored by reference and read
 * when they are delivered, so that a late delivery shows the newest truth.
 */
export type OutboxPayload =
  /** `page` is the campaign's: rounds that the text names (`#8`) link to it. */
  | { kind: 'text'; text: string; page?: string }
  | { kind: 'problem'; text: string }
  | { kind: 'question'; campaignId: string; question: Question; preface: string[] }
  | {
      kind: 'brief';
      campaignId: string;
      brief: Brief;
      splits: { train: number; search: number; select: number; test: number };
      notes: string[];
      /** What the budget buys; unset in cards of older versions, and where nothing can be trained. */
      worth?: Worth;
      read?: BriefReading;
      closed: string | null;
    }
  /** `card` is the brief that it is about, as it was shown, to be shown again; `asker` is the id of who asked first. */
  | ({
      kind: 'start_request';
      card: Extract<OutboxPayload, { kind: 'brief' }>;
      asker: string;
    } & StartRequest)
  /** For one person alone, where they said or pressed something. */
  | { kind: 'private'; user: string; text: string }
  | { kind: 'progress'; campaignId: string }
  /** The first message of a new thread: the campaign moves there with it. */
  | { kind: 'thread'; campaignId: string }
  | { kind: 'approval'; approvalId: string }
  | { kind: 'insight'; campaignId: string; text: string }
  | { kind: 'findings'; campaignId: string; findings: Findings }
  | { kind: 'failure'; campaignId: string; node: number; next: string }
  | {
      kind: 'waiting';
      campaignId: string;
      node: number;
      text: string;
      canWithdraw: boolean;
      /** What ended the wait; then there is no button. */
      closed: string | null;
    }
  | { kind: 'node'; campaignId: string; node: number }
  /** `end`: which end of the campaign it reports; unset in rows of versions that knew one only. */
  | { kind: 'report'; campaignId: string; end?: number }
  /** `uploaded`: what was handed over already; unset before that. */
  | { kind: 'files'; campaignId: string; end: number; uploaded?: { id: string; name: string }[] }
  | { kind: 'shipment'; shipmentId: string }
  | {
      kind: 'budget_reached';
      campaignId: string;
      /** Its buttons answer this question and no other. */
      questionId: string;
      text: string;
      /** Why nothing moves while it is open; unset in questions of older versions. */
      held?: string;
      raises: { label: string; value: string }[];
      /** Who said yes to which raise while one more person has to; unset while nobody did. */
      note?: string;
      closed: string | null;
    }
  | {
      kind: 'confirmation';
      campaignId: string;
      confirmationId: string;
      /** What would be done, as a question. */
      text: string;
      choices: Choice[];
      closed: string | null;
    }
  | { kind: 'running'; list: string; ids: string[] }
  | { kind: 'summary'; channel: string; dateText: string; campaigns: SummaryCampaign[]; totals: string };
