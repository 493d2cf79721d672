import type { Vote } from './approval-policy.ts';

/** A Start that waits for approval: bound to one brief, withdrawn when the brief changes. */
export interface StartRequest {
  campaignId: string;
  questionId: string;
  /** Name of the person who wants it started. */
  askedBy: string;
  title: string;
  /** The commitments of a Start, a line each. */
  terms: string[];
  /** Whose approval it needs, as a sentence. */
  who: string;
  /** Answers so far, in the order in which they came. */
  votes: Vote[];
  /** Who has approved while one more approval is missing; null while nobody has. */
  note: string | null;
  /** The outcome, once decided; then there are no buttons. */
  closed: string | null;
}
