import type { Cost, CostRange } from './brief.ts';
import type { OutboxPayload } from './outbox-payload.ts';
import type { CodeQuestion } from './view.ts';

/** The card whose buttons are live, and the slot it is shown in. */
export interface OpenCard {
  slot: string;
  payload: OutboxPayload;
}

/** The card of an approval as people saw it. */
export interface ApprovalCard {
  why: string;
  changes: string[];
  budgetLeft: { computeSeconds: number | null; usd: number | null };
  expectedGain: { low: number; high: number } | null;
  refutedBy: string;
  /** Unset in cards of older versions, as is that of the cheaper plan. */
  likely?: CostRange;
  cheaper: { text: string; expected: Cost; likely?: CostRange } | null;
  /** Unset in a question about money. */
  code?: CodeQuestion;
}
