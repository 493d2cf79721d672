import type { Failure } from './failure.ts';

/**
 * What has been seen of a run while it trains, folded from its metric lines. Times are seconds of the run's own running
 * time, without long stretches in which nobody looked: they come from the cluster and from no clock of ours.
 */
export interface Pulse {
  /** Running time in which nobody looked, all together. */
  unwatchedSeconds: number;
  /** When something new was last seen; 0 before the first line. */
  newsSeconds: number;
  /** The first line; null before it. A run that went on from a checkpoint does not begin at step 0. */
  first: { seconds: number; step: number } | null;
  step: number;
  steps: number;
  /** The longest time between two looks that saw something new. */
  longestGapSeconds: number;
  /** Since when the loss has been no number; null while it is one. */
  notFinite: { seconds: number; step: number; value: string } | null;
  /** `first` is the loss of the first line, `smoothed` an exponential average (0.9); null where losses say nothing. */
  loss: {
    first: number;
    smoothed: number;
    /** Lines in a row far above `first`, and when that began. */
    above: number;
    aboveSeconds: number;
  } | null;
  /** Since when every line has said that the GPU does nothing; null while it works, or where it is not known. */
  idleSeconds: number | null;
  /** There were more lines than one look may read: what is seen is old. */
  isBehind: boolean;
  /** Share of the training up to which it was compared with its like. */
  judgedShare: number;
}

/** Why the watchdog ends a run, with the numbers that people are told. */
export type StopReason =
  | { code: 'nan'; step: number; steps: number; value: string }
  | { code: 'diverged'; step: number; steps: number; first: number; now: number }
  /** `step` is null when the run never wrote a line; `usualSeconds` is then unknown too. */
  | { code: 'stalled'; silentSeconds: number; usualSeconds: number; step: number | null; steps: number }
  | { code: 'gpu_idle'; idleSeconds: number; step: number; steps: number }
  | { code: 'too_slow'; projectedSeconds: number; limitSeconds: number; step: number; steps: number }
  | { code: 'pruned'; share: number; loss: number; median: number; others: number };

/** Decided about a job by us, and on record before anything is done about it: what its end will be called. */
export type Stop = Pick<Failure, 'code' | 'fault' | 'message'>;
