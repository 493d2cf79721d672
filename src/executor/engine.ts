import type { Brief } from '../campaign/brief.ts';
import type { Failure } from '../campaign/failure.ts';
import type { RunSpec, TrainingSettings } from '../campaign/run-spec.ts';
import type { TrainingSupport } from '../campaign/training-support.ts';
import type { Pace } from '../campaign/trial-outcome.ts';
import type { Row } from '../recipe/types.ts';
import type { StandardScore } from '../scoring/standard-tasks.ts';
import type { EvalItem } from '../scoring/types.ts';

export interface BaseModel {
  id: string;
  title: string;
  maxSequenceTokens: number;
}

/** What is asked of an evaluation item. */
export type AskedItem = Pick<EvalItem, 'id' | 'prompt' | 'conversation'>;

/** For what a row is wanted. */
export type RowUse = Pick<Brief['scope'], 'baseModel' | 'maxSequenceTokens' | 'objective'>;

/** What one job is to do: `probe` (a few real steps), `train`, and `predict` for each split named. */
export interface EngineJob {
  spec: RunSpec;
  /** Null for the untrained base or when `weightsPath` is given: nothing is trained. */
  trainRows: Row[] | null;
  /** Weights of an earlier run to predict with, relative to this run's directory; null starts from the base model. */
  weightsPath: string | null;
  /** Folders of earlier attempts at this very run, relative to its directory: their checkpoints may be gone on from. */
  resumeFrom?: string[];
  /** Prompts only: a training process never sees an evaluation answer. */
  predict: { split: string; items: AskedItem[] }[];
  /**
   * The standard tasks of the configuration, where there are some: measured, or tried with one item each, so that what
   * they lack is known before anything is trained. Unset: left alone.
   */
  standard?: 'measure' | 'try';
  /** Trains the few rows to see how long a step takes, and leaves no weights. */
  probe?: true;
}

/** A rendered job: input files by bare name, and the command line. Pure data. */
export interface RenderedJob {
  files: { name: string; text: string }[];
  argv: string[];
  env: Record<string, string>;
  /** GPUs it runs on; unset is none. */
  gpus?: number;
}

export interface Estimate {
  /** Seconds on one slot, start and predictions included. */
  seconds: number;
  /** Memory the run needs; the gate refuses before anything is spent. */
  memoryBytes: number;
  /** Tokens trained on, all epochs, padding included. */
  trainTokens: number;
  /** What `seconds` are made of, where they can be corrected one by one; unset: they are known as a whole. */
  parts?: EstimateParts;
}

export interface EstimateParts {
  /** Start, loading, saving. */
  startSeconds: number;
  stepSeconds: number;
  steps: number;
  answerSeconds: number;
}

/** What the run says of itself when it is over. */
export type EngineOutcome =
  | {
      ok: true;
      trainLoss: number | null;
      generalLoss: number | null;
      baseGeneralLoss: number | null;
      tokensPerSecond: number | null;
      weightsSha256: string | null;
      /** Of standard tasks, with how many single tasks they are: a group holds many. Unset: none were asked for. */
      standard?: { scores: StandardScore[]; tasks: number };
      /** Unset where nothing was trained, or nobody looked. */
      pace?: Pace;
      /** What wrote the answers, such as `vLLM 0.11.0`; unset where there is one way only. */
      answeredBy?: string;
    }
  | { ok: false; failure: Failure };

/** A point of the live metrics. `values` are finite numbers only; `notFinite` names the others: `{ loss: 'NaN' }`. */
export interface MetricPoint {
  seq: number;
  step: number;
  steps: number;
  values: Record<string, number>;
  notFinite: Record<string, 'NaN' | 'Infinity' | '-Infinity'>;
}

/** Reads a whole file of a run directory, wherever the cluster keeps it; null when it is not there. */
export type ReadRunFile = (name: string) => Promise<string | null>;

/** Prompts that a run answers. */
export interface Asked {
  prompts: number;
  /** Tokens of one on average; unset: as those of the rows, or assumed. */
  promptTokens?: number;
}

/** A trainer: renders jobs, prices them, and reads what they left behind. It starts nothing itself. */
export interface Engine {
  readonly name: string;
  readonly baseModels: BaseModel[];
  readonly metricsFile: string;
  readonly weightsFile: string;
  /** Files that the weights cannot be loaded without, in the same folder; not every run leaves each. Unset: none. */
  readonly weightsCompanions?: readonly string[];
  /** Folder of what only another attempt at the same run can use; unset where runs leave none. */
  readonly checkpointsFolder?: string;
  /** What decides its speed besides cluster and method, such as `2xH100`; unset where nothing does. */
  readonly hardware?: string;
  /** GPUs that a slot has for a run; unset is none. */
  readonly gpus?: number;
  /** What it can train; a request for more is answered with a sentence before anything is planned. */
  readonly supports: TrainingSupport;
  /**
   * Why it can neither learn from a row nor ask it, in words that follow a number of rows ("with characters that it cannot
   * read"); null where it can. Asked before Start, and again of what a recipe makes. Unset: it takes every row.
   */
  unfit?(row: Row, use: RowUse): string | null;
  defaultTraining(): TrainingSettings;
  /** Tokens of a text; rather too many where the tokenizer of its models is not here. */
  countTokens(text: string): number;
  /** `trainRows` are the exact rows. */
  estimate(spec: RunSpec, trainRows: Row[] | null, asked: Asked): Estimate;
  /** Steps of a probe that measures a price which is only a formula; unset: its own is good enough without. */
  readonly probeSteps?: number;
  /** Standard tasks that are configured, a group as one; unset: none. */
  readonly standardTasks?: number;
  /** Seconds that the standard tasks take for one model, when they are so many single ones; unset: it has none. */
  standardSeconds?(spec: RunSpec, tasks: number): number;
  render(job: EngineJob): RenderedJob;
  /** Null when the run left no result (it was killed before it could). */
  readOutcome(read: ReadRunFile): Promise<EngineOutcome | null>;
  /** Answers by item id. */
  readPredictions(read: ReadRunFile, split: string): Promise<Map<string, string>>;
  /** Null for a line that is not a metric. */
  parseMetric(line: string): MetricPoint | null;
}
