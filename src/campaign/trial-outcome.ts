import type { StandardScore } from '../scoring/standard-tasks.ts';

/** How long the steps of a run have taken. */
export interface Pace {
  steps: number;
  secondsPerStep: number;
}

export interface TrialOutcome {
  trainLoss: number | null;
  generalLoss: number | null;
  baseGeneralLoss: number | null;
  tokensPerSecond: number | null;
  weightsSha256: string | null;
  /** The program that wrote the answers; unset where there is only one. */
  answeredBy?: string;
  /** Seconds that the standard tasks are expected to take for a model, known once the baseline has run them. */
  standardSeconds?: number;
  /** Standard tasks, measured when the test split was opened. */
  standard?: StandardScore[];
  /** Time of its steps; unset where nothing was trained, or no poll saw it. */
  pace?: Pace;
  /** Key of the job that produced it: its folder holds the weights. */
  runKey: string;
}
