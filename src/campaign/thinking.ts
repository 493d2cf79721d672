/** Purpose of a call to a language model. */
export const thinkingPurposes = ['intake', 'propose', 'diagnose', 'listen', 'answer'] as const;
export type ThinkingPurpose = (typeof thinkingPurposes)[number];

/** One call to a language model, answered or not. */
export interface ThinkingCall {
  purpose: ThinkingPurpose;
  model: string;
  /** `answered`, or the code of what went wrong: `timeout`, `rate_limited`, `refused`. */
  outcome: string;
  inputTokens: number;
  outputTokens: number;
  /** The server gave no counts; these are estimated from the length of the texts. */
  estimated: boolean;
  /** Null: the price of the model is not known. */
  usd: number | null;
  seconds: number;
}

/** Totals of a campaign's model calls. */
export interface ThinkingTotals {
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** Dollars of the calls whose price is known. */
  usd: number;
  /** Calls whose price is not known. */
  unpricedCalls: number;
}

export const noThinking: ThinkingTotals = {
  calls: 0,
  inputTokens: 0,
  outputTokens: 0,
  usd: 0,
  unpricedCalls: 0,
};

/** Limit on the model calls of one campaign; null means that this side is not limited. */
export interface ThinkingCap {
  tokens: number | null;
  usd: number | null;
}
