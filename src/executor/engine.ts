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

/** The part of an evaluation item that a model sees. */
export type AskedItem = Pick<EvalItem, 'id' | 'prompt' | 'conversation'>;

/** The settings that decide whether an engine can use a row. */
export type RowUse = Pick<Brief['scope'], 'baseModel' | 'maxSequenceTokens' | 'objective'>;

/** The work of one job: `probe` (a few real steps), `train`, and `predict` for each split named. */
export interface EngineJob {
  spec: RunSpec;
  /** Null for the untrained base or when `weightsPath` is given: nothing is trained. */
  trainRows: Row[] | null;
  /** Weights of an earlier run to predict with, relative to this run's directory; null starts from the base model. */
  weightsPath: string | null;
  /** Folders of earlier attempts at the same run, relative to its directory; it may resume from their checkpoints. */
  resumeFrom?: string[];
  /** Prompts only: a training process never sees an evaluation answer. */
  predict: { split: string; items: AskedItem[] }[];
  /**
   * Measures the standard tasks of the configuration, or tries each with one item, so that a missing dependency is found
   * before anything is trained. Unset: they are not run.
   */
  standard?: 'measure' | 'try';
  /** Trains the few rows to measure the time of a step, and leaves no weights. */
  probe?: true;
}

/** A rendered job: input files by bare name, and the command line. Pure data. */
export interface RenderedJob {
  files: { name: string; text: string }[];
  argv: string[];
  env: Record<string, string>;
  /** Number of GPUs; unset is none. */
  gpus?: number;
}

export interface Estimate {
  /** Seconds on one slot, start and predictions included. */
  seconds: number;
  /** Memory the run needs; the gate refuses before anything is spent. */
  memoryBytes: number;
  /** Tokens trained on, all epochs, padding included. */
  trainTokens: number;
  /** Parts of `seconds` that are corrected one by one; unset: only the sum is known. */
  parts?: EstimateParts;
}

export interface EstimateParts {
  /** Start, loading, saving. */
  startSeconds: number;
  stepSeconds: number;
  steps: number;
  answerSeconds: number;
}

/** The result that a run reports of itself. */
export type EngineOutcome =
  | {
      ok: true;
      trainLoss: number | null;
      generalLoss: number | null;
      baseGeneralLoss: number | null;
      tokensPerSecond: number | null;
      weightsSha256: string | null;
      /** Scores of standard tasks, and the number of single tasks: a group holds many. Unset: none were requested. */
      standard?: { scores: StandardScore[]; tasks: number };
      /** Unset where nothing was trained or measured. */
      pace?: Pace;
      /** The program that wrote the answers, such as `vLLM 0.11.0`; unset where an engine has only one. */
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

/** The prompts that a run answers. */
export interface Asked {
  prompts: number;
  /** Average tokens of one; unset: those of the rows, or an assumption. */
  promptTokens?: number;
}

/** A trainer: renders jobs, prices them, and reads their results. It starts nothing itself. */
export interface Engine {
  readonly name: string;
  readonly baseModels: BaseModel[];
  readonly metricsFile: string;
  readonly weightsFile: string;
  /** Files beside the weights that are needed to load them; not every run leaves each. Unset: none. */
  readonly weightsCompanions?: readonly string[];
  /** Folder of checkpoints, which only another attempt at the same run can use; unset where runs leave none. */
  readonly checkpointsFolder?: string;
  /** Hardware on which its speed depends, besides cluster and method, such as `2xH100`; unset: none. */
  readonly hardware?: string;
  /** Number of GPUs that a slot has for a run; unset is none. */
  readonly gpus?: number;
  /** The training that it supports; a request for more is answered with a sentence before anything is planned. */
  readonly supports: TrainingSupport;
  /**
   * Why it can neither learn from a row nor ask it, in words that follow a number of rows ("with characters that it cannot
   * read"); null where it can. Called before Start, and again for the rows that a recipe makes. Unset: all rows fit.
   */
  unfit?(row: Row, use: RowUse): string | null;
  defaultTraining(): TrainingSettings;
  /** Tokens of a text; an overestimate where the tokenizer of its models is not available here. */
  countTokens(text: string): number;
  /** Estimates time and memory for exactly these `trainRows`. */
  estimate(spec: RunSpec, trainRows: Row[] | null, asked: Asked): Estimate;
  /** Steps of a probe that measures the pace, where the estimate is only a formula; unset: the estimate needs none. */
  readonly probeSteps?: number;
  /** Number of standard tasks in the configuration, a group as one; unset: none. */
  readonly standardTasks?: number;
  /** Seconds that `tasks` single standard tasks take for one model; unset: the engine has none. */
  standardSeconds?(spec: RunSpec, tasks: number): number;
  render(job: EngineJob): RenderedJob;
  /** Null when the run left no result (it was killed before). */
  readOutcome(read: ReadRunFile): Promise<EngineOutcome | null>;
  /** Answers by item id. */
  readPredictions(read: ReadRunFile, split: string): Promise<Map<string, string>>;
  /** Null for a line that is not a metric. */
  parseMetric(line: string): MetricPoint | null;
}
