import { type Fault, TrexError } from '../../../lib/errors.ts';

export type NanoOutcome =
  | 'ok'
  | 'cancelled'
  | 'out_of_memory'
  | 'diverged'
  | 'nan'
  | 'bad_job'
  | 'bad_data'
  | 'crashed';

/** result.json: written last, on every outcome. Fields that were not reached are absent. */
export interface NanoResult {
  v: 1;
  outcome: NanoOutcome;
  /** One sentence with the numbers: bytes and cap, step and loss, file and line. */
  message: string;
  /** Steps done, and steps planned. */
  step?: number;
  steps?: number;
  /** Mean loss of the last 20 steps, nats per learned token. */
  trainLoss?: number;
  /** Positions trained on, padding not counted. */
  tokens?: number;
  /** Wall time of the training loop. */
  trainSeconds?: number;
  /** tokens / trainSeconds, or the probe's measurement when nothing was trained. */
  tokensPerSecond?: number;
  /** Processor time of the whole process, start-up included. */
  cpuSeconds: number;
  wallSeconds: number;
  /** Exact memory of the training arena. */
  arenaBytes?: number;
  /** Retention guard of the resulting weights, and of the base; nats per token. */
  generalLoss?: number;
  baseGeneralLoss?: number;
  /** Hash of weights.f16.bin. */
  weightsSha256?: string;
  /** Training rows that were cut to maxSequenceTokens. */
  truncatedRows?: number;
  /** Characters outside the vocabulary, in the training rows and the prompts. */
  unknownCharacters?: number;
  /** Rows predicted, by split. */
  predictions?: Record<string, number>;
}

/** The known part of the result; it is written to result.json on every outcome. */
export type PartialResult = Partial<Omit<NanoResult, 'v' | 'outcome' | 'message'>>;

export const exitCodes: Record<NanoOutcome, number> = {
  ok: 0,
  bad_job: 2,
  diverged: 3,
  nan: 3,
  out_of_memory: 4,
  bad_data: 5,
  crashed: 70,
  cancelled: 143,
};

const faultOf: Record<Exclude<NanoOutcome, 'ok'>, Fault> = {
  bad_job: 'config',
  bad_data: 'data',
  out_of_memory: 'config',
  diverged: 'config',
  nan: 'config',
  cancelled: 'user',
  crashed: 'ours',
};

/** Ends the job with this outcome; the message is written to result.json as it is. */
export class JobFailure extends TrexError {
  readonly outcome: Exclude<NanoOutcome, 'ok'>;

  constructor(outcome: Exclude<NanoOutcome, 'ok'>, message: string, options?: { cause?: unknown }) {
    super(outcome, faultOf[outcome], message, options);
    this.outcome = outcome;
  }
}
