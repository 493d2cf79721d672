/** Dollars per million tokens. */
export interface TokenPrice {
  inputUsd: number;
  outputUsd: number;
}

/** Null: the price is not known, which is not the same as free. */
export const costOfTokens = (
  price: TokenPrice | null,
  tokens: { inputTokens: number; outputTokens: number },
): number | null =>
  price === null ? null : (tokens.inputTokens * price.inputUsd + tokens.outputTokens * price.outputUsd) / 1e6;
