import type { CostLimit } from '../brief.ts';
import { markAmounts } from './said.ts';

const question =
  /^(?:what|how much|how far|is it|is there|would|will|does|do|should|can)\b.*\b(?:buy|bring|give|gain|get|help|worth|improve|yield|add|make|better|do)\b/;
const more =
  /\b(?:more|another|extra|additional|longer)\b.*\b(?:budget|time|compute|money|hours?|h|min|minutes?|seconds?|days?|gpu-?(?:hours?|days?)|dollars?|usd|bucks)\b|\$ ?\d[\d.,]* (?:more|extra)|\b(?:more|another|extra) \$/;

/**
 * `what would 10 more GPU-hours buy?`: the additional amount; both sides null when no amount is given, null when it is
 * no such question.
 */
export function readForecast(text: string): CostLimit | null {
  if (!question.test(text) || !more.test(text)) return null;
  return amountIn(text);
}

/** The amount of compute or money that a text names first, money before time; both sides null when it names none. */
export function amountIn(text: string): CostLimit {
  const { amounts } = markAmounts(text);
  for (const found of amounts)
    if (found.kind === 'usd' && found.usd > 0) return { computeSeconds: null, usd: found.usd };
  for (const found of amounts)
    if ((found.kind === 'time' || found.kind === 'gpuTime') && found.seconds > 0)
      return { computeSeconds: found.seconds, usd: null };
  return { computeSeconds: null, usd: null };
}
