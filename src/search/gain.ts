/** A round that has ended, in the order of its end. */
export interface EndedRound {
  number: number;
  /** Metric on search; null for a round that failed. */
  value: number | null;
  /** The untrained model is no training round. */
  isTrained: boolean;
  costSeconds: number;
}

/** What the second half of the compute has brought, so far. */
export interface LastDoubling {
  /** Number of the best round when half as much was spent, and now. */
  before: number;
  best: number;
  beforeSeconds: number;
  spentSeconds: number;
  /** All rounds that have ended, failed ones included. */
  rounds: number;
}

const leastTrained = 4;

/**
 * Gains of a search shrink with what was spent, so they are told per doubling of it (best-so-far against the
 * logarithm of compute). Null while too little is known: fewer than four trained rounds with a score, or none in the
 * first half of the compute, where the step from the untrained model would pass for a rate.
 */
export function lastDoubling(rounds: readonly EndedRound[]): LastDoubling | null {
  const trained = rounds.filter((round) => round.isTrained && round.value !== null);
  const spentSeconds = rounds.reduce((sum, round) => sum + round.costSeconds, 0);
  if (trained.length < leastTrained || spentSeconds <= 0) return null;
  let sum = 0;
  const early: EndedRound[] = [];
  for (const round of rounds) {
    sum += round.costSeconds;
    if (sum * 2 > spentSeconds) break;
    early.push(round);
  }
  const before = bestOf(early);
  const best = bestOf(rounds);
  if (before === null || best === null) return null;
  return {
    before: before.number,
    best: best.number,
    beforeSeconds: early.reduce((total, round) => total + round.costSeconds, 0),
    spentSeconds,
    rounds: rounds.length,
  };
}

/** The best trained round, the older of equals. */
function bestOf(rounds: readonly EndedRound[]): EndedRound | null {
  let best: EndedRound | null = null;
  for (const round of rounds) {
    if (!round.isTrained || round.value === null) continue;
    if (best === null || round.value > (best.value as number)) best = round;
  }
  return best;
}

/** Doublings of `spentSeconds` that `moreSeconds` on top would be. */
export const doublings = (spentSeconds: number, moreSeconds: number): number =>
  Math.log2((spentSeconds + moreSeconds) / spentSeconds);
