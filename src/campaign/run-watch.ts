import type { Failure } from './failure.ts';

/**
 * Health of a run while it trains, folded from its metric lines. Times are seconds of the run's own running time,
 * without long stretches without a poll: they come from the cluster, not from the bot's clock.
 */
export interface Pulse {
  /** Total running time without a poll. */
  unwatchedSeconds: number;
  /** When the last new line was read; 0 before the first line. */
  newsSeconds: number;
  /** The first line; null before it. A run that continued from a checkpoint does not begin at step 0. */
  first: { seconds: number; step: number } | null;
  step: number;
  steps: number;
  /** The longest time between two polls that read something new. */
  longestGapSeconds: number;
  /** Since when the loss has not been a finite number; null while it is one. */
  notFinite: { seconds: number; step: number; value: string } | null;
  /** `first` is the loss of the first line, `smoothed` an exponential average (0.9); null where losses say nothing. */
  loss: {
    first: number;
    smoothed: number;
    /** Lines in a row far above `first`, and when that began. */
    above: number;
    aboveSeconds: number;
  } | null;
  /** Since when every line has reported an idle GPU; null while it works, or where it is not known. */
  idleSeconds: number | null;
  /** There were more lines than one poll may read: this state is out of date. */
  isBehind: boolean;
  /** Share of the training up to which it was compared with similar runs. */
  judgedShare: number;
}

/** Why the watchdog stops a run, with the numbers that people read. */
export type StopReason =
  | { code: 'nan'; step: number; steps: number; value: string }
  | { code: 'diverged'; step: number; steps: number; first: number; now: number }
  /** `step` is null when the run never wrote a line; `usualSeconds` is then unknown too. */
  | { code: 'stalled'; silentSeconds: number; usualSeconds: number; step: number | null; steps: number }
  | { code: 'gpu_idle'; idleSeconds: number; step: number; steps: number }
  | { code: 'too_slow'; projectedSeconds: number; limitSeconds: number; step: number; steps: number }
  | { code: 'pruned'; share: number; loss: number; median: number; others: number };

/** A stop that the bot decided on. Recorded before the cluster is asked, so that a crash cannot change the reason. */
export type Stop = Pick<Failure, 'code' | 'fault' | 'message'>;
