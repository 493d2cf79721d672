import type { Cost, CostLimit } from '../../campaign/brief.ts';
import { innerCostText, limitText, sentence } from '../format.ts';

/** A step that the budget left does not cover. */
export interface Shortage {
  /** As the object of a sentence: `a training run`, `opening the test rows`. */
  what: string;
  /** Expected cost of the step itself; unset where it was never estimated. */
  expected?: Cost;
  /** Maximum cost of the step itself. */
  ceiling: Cost;
  /** The reserve beside it, with its purpose: `to confirm it and open the test rows`. */
  kept?: { cost: Cost; purpose: string };
  /** Where the price comes from, where that must be said: `measured: 3 steps of 9 s`. */
  basis?: string;
  /** More for people to know, a sentence or two. */
  note?: string;
  /** The amount that must be free to go on: ceiling and reserve, unless it takes more. */
  need: Cost;
}

/** Amounts that would be displayed as zero. */
const nothing = { computeSeconds: 0.05, usd: 0.005 };

/** True when nothing is left on a side that is limited. */
export const isUsedUp = (left: CostLimit): boolean =>
  (['computeSeconds', 'usd'] as const).some((side) => {
    const amount = left[side];
    return amount !== null && amount < nothing[side];
  });

/**
 * `The 2.8 min left are not enough for a training run (about 40 s, at most 1.9 min, and 1 min to confirm it).` That a
 * budget is used up is said only where nothing is left of it.
 */
export function shortageText(shortage: Shortage, budget: CostLimit, left: CostLimit): string {
  const { what, note } = shortage;
  const priced = `${what} (${priceText(shortage)})`;
  const said = isUsedUp(left)
    ? `The budget of ${limitText(budget)} is used up: nothing is left for ${priced}.`
    : `The ${limitText(left)} left are not enough for ${priced}.`;
  return note === undefined ? said : `${said} ${sentence(note)}`;
}

function priceText({ expected, ceiling, kept, basis }: Shortage): string {
  const about = expected === undefined ? null : `about ${innerCostText(expected)}`;
  const atMost = `at most ${innerCostText(ceiling)}`;
  const beside = kept === undefined ? null : `and ${innerCostText(kept.cost)} ${kept.purpose}`;
  const parts = [about, about === `about ${innerCostText(ceiling)}` ? null : atMost, beside].filter(
    (part) => part !== null,
  );
  return parts.join(', ') + (basis === undefined ? '' : `; ${basis}`);
}

/** Why no node runs while the question is open; without amounts, because they change. */
export const shortageReason = ({ what }: Shortage, left: CostLimit): string =>
  isUsedUp(left) ? 'the budget is used up' : `what is left of the budget is not enough for ${what}`;
