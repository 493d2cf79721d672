import type { KeepPolicy } from '../lib/parse/keep-policy.ts';

/** What a run leaves that is large. Checkpoints serve only later attempts at the same run. */
export const largeFiles = ['weights', 'checkpoints'] as const;
export type LargeFiles = (typeof largeFiles)[number];

/** One job that trained, as far as its large files are concerned. */
export interface TrainedRun {
  key: string;
  round: number;
  /** Its results have been read and paid for. */
  isHarvested: boolean;
  /** No further attempt at the same run will come. */
  isTrialOver: boolean;
  /** Its round has its score, or will never have one. */
  isRoundOver: boolean;
  /** These are the weights that gave the round its score. */
  isBest: boolean;
  /** A repeat with a fresh seed: only its score is wanted. */
  isRepeat: boolean;
  /** A job that is planned or runs predicts with these weights, or they are about to be shipped. */
  isAwaited: boolean;
}

export interface KeepFacts {
  /** It goes on, or what is known of it is still to be reported. */
  isOpen: boolean;
  /** Rounds that would be, or are, repeated with fresh seeds; the winner comes from these. */
  finalists: readonly number[];
  /** The best round on search; null before there is one. */
  best: number | null;
  /** Rounds whose weights are results: of the last end, and of those before the campaign was continued. */
  results: readonly number[];
}

/**
 * What may go now. Never what is still needed: anything of a run whose results have not been read, checkpoints while
 * another attempt may come, weights of a round that is not over, of whoever may win, of the winner, and of what is
 * awaited. What is no longer needed goes unless the policy keeps it.
 * @param runs in the order in which they ended
 */
export function removableFiles(
  policy: KeepPolicy,
  facts: KeepFacts,
  runs: readonly TrainedRun[],
): { key: string; what: LargeFiles }[] {
  if (policy === 'all') return [];
  const ended = runs.filter((run) => run.isHarvested && run.isTrialOver && run.isRoundOver);
  const scored = ended.filter((run) => run.isBest && !run.isRepeat);
  const kept = new Set(policy.last === 0 ? [] : scored.slice(-policy.last).map((run) => run.key));
  const rounds = new Set<number | null>([...facts.results, policy.best || facts.isOpen ? facts.best : null]);
  if (policy.finalists || facts.isOpen) for (const round of facts.finalists) rounds.add(round);
  for (const run of scored) if (rounds.has(run.round)) kept.add(run.key);
  return ended.flatMap((run) => [
    ...(run.isAwaited || kept.has(run.key) ? [] : [{ key: run.key, what: 'weights' as const }]),
    { key: run.key, what: 'checkpoints' as const },
  ]);
}
