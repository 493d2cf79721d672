import type { KeepPolicy } from '../lib/parse/keep-policy.ts';

/** Large files of a run. Checkpoints serve only later attempts at the same run. */
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
  /** Its node has its score, or will never have one. */
  isNodeOver: boolean;
  /** These weights gave the node its score. */
  isBest: boolean;
  /** A repeat with a fresh seed: only its score is needed. */
  isRepeat: boolean;
  /** A planned or running job predicts with these weights, or they are about to be shipped. */
  isAwaited: boolean;
}

export interface KeepFacts {
  /** The campaign is active, or its report is still due. */
  isOpen: boolean;
  /** Nodes that would be, or are, repeated with fresh seeds; the winner is one of them. */
  finalists: readonly number[];
  /** The best node on search; null before there is one. */
  best: number | null;
  /** Nodes whose weights are results: of the last end, and of those before the campaign was continued. */
  results: readonly number[];
}

/**
 * Files that may be deleted now. Never files that are still needed: anything of a run whose results have not been read,
 * checkpoints while another attempt may come, weights of an unfinished node, of a possible winner, of the winner, and
 * awaited ones. All other files are deleted unless the policy keeps them.
 * @param runs in the order in which they ended
 */
export function removableFiles(
  policy: KeepPolicy,
  facts: KeepFacts,
  runs: readonly TrainedRun[],
): { key: string; what: LargeFiles }[] {
  if (policy === 'all') return [];
  const ended = runs.filter((run) => run.isHarvested && run.isTrialOver && run.isNodeOver);
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
