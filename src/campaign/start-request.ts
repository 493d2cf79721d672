import type { Vote } from './approval-policy.ts';

/** A Start that waits for people with the right: bound to one brief, gone when the brief changes. */
export interface StartRequest {
  campaignId: string;
  questionId: string;
  /** Who wants it started, by name. */
  askedBy: string;
  title: string;
  /** What starting it commits, a line each. */
  terms: string[];
  /** Whose approval it takes, as a sentence. */
  who: string;
  /** What has been said so far, in the order in which it was said. */
  votes: Vote[];
  /** Who has approved while one more person has to; null while nobody has. */
  note: string | null;
  /** What came of it, once decided; then there are no buttons. */
  closed: string | null;
}
