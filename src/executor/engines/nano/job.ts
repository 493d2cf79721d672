import { type LoraTarget, loraTargets, nano154k } from './architecture.ts';
import { JobFailure } from './outcome.ts';
import { type Schedule, schedules } from './schedule.ts';
import { StrictObject } from './strict-object.ts';

/** probe: a few real steps for speed and memory; train; predict (after train when both are there, in one process). */
const jobStages = ['probe', 'train', 'predict'] as const;
type JobStage = (typeof jobStages)[number];

/** Training settings. Ranges are checked by parseJob and listed in the README. */
export interface NanoTraining {
  method: 'full' | 'lora';
  /** Required by `lora`, refused by `full`. */
  lora?: { rank: number; alpha: number; targets: LoraTarget[] };
  /** Peak rate. */
  learningRate: number;
  schedule: Schedule;
  /** Share of all steps during which the rate rises from zero. */
  warmupRatio: number;
  weightDecay: number;
  /** Gradients are scaled down to this global norm; 0 = off. */
  maxGradNorm: number;
  batchSize: number;
  /** May be a fraction; steps = round(ceil(rows / batchSize) * epochs), at least 1. */
  epochs: number;
  /** Whether only the completion is learned, or the prompt too. */
  completionOnly: boolean;
  /** shuffled: a new order every epoch, from the seed. as_given: the file's order, every epoch. */
  order: 'shuffled' | 'as_given';
  /** fp16 does the same float32 arithmetic and fails as `nan` once an activation leaves the range of float16. */
  precision: 'fp32' | 'fp16';
  /** The run fails as out_of_memory before its first step when its arena is larger; 0 = no limit. */
  memoryLimitBytes: number;
  /** Rows are cut to this many tokens, at most 128. */
  maxSequenceTokens: number;
}

interface NanoPrediction {
  /** Names the output: predictions.<split>.jsonl. Letters, digits, - and _. */
  split: string;
  /** JSONL of {"id","prompt"}; rows with a completion are refused. */
  file: string;
  maxNewTokens: number;
}

/** job.json. Paths are absolute or relative to the job's folder. */
export interface NanoJob {
  v: 1;
  baseModel: 'nano-154k';
  stages: JobStage[];
  training?: NanoTraining;
  /** 0 to 4,294,967,295. */
  seed: number;
  /** JSONL of {"prompt","completion"}. */
  trainFile?: string;
  /** Starting weights (float16, as written by an earlier job) in place of the base. */
  weightsFile?: string;
  predict?: NanoPrediction[];
  /** Timed steps of the probe; 8 when unset. */
  probeSteps?: number;
}

/** @throws JobFailure (bad_job) with a sentence that names the field. */
export function parseJob(value: unknown): NanoJob {
  const job = new StrictObject('the job', value);
  job.literal('v', [1]);
  const parsed: NanoJob = {
    v: 1,
    baseModel: job.literal('baseModel', ['nano-154k']),
    stages: job.literals('stages', jobStages),
    seed: job.number('seed', { min: 0, max: 2 ** 32 - 1, integer: true }),
  };
  const training = job.optional('training');
  if (training !== undefined) parsed.training = parseTraining(training);
  if (job.has('trainFile')) parsed.trainFile = job.text('trainFile');
  if (job.has('weightsFile')) parsed.weightsFile = job.text('weightsFile');
  if (job.has('probeSteps'))
    parsed.probeSteps = job.number('probeSteps', { min: 1, max: 100, integer: true });
  if (job.has('predict')) parsed.predict = job.list('predict').map(parsePrediction);
  job.end();
  checkStages(parsed);
  return parsed;
}

function parseTraining(value: unknown): NanoTraining {
  const training = new StrictObject('training', value);
  const parsed: NanoTraining = {
    method: training.literal('method', ['full', 'lora']),
    learningRate: training.number('learningRate', { min: 0, max: 1e9, above: true }),
    schedule: training.literal('schedule', schedules),
    warmupRatio: training.number('warmupRatio', { min: 0, max: 1 }),
    weightDecay: training.number('weightDecay', { min: 0, max: 100 }),
    maxGradNorm: training.number('maxGradNorm', { min: 0, max: 1e9 }),
    batchSize: training.number('batchSize', { min: 1, max: 512, integer: true }),
    epochs: training.number('epochs', { min: 0, max: 1000, above: true }),
    completionOnly: training.boolean('completionOnly'),
    order: training.literal('order', ['shuffled', 'as_given']),
    precision: training.literal('precision', ['fp32', 'fp16']),
    memoryLimitBytes: training.number('memoryLimitBytes', { min: 0, max: 2 ** 53, integer: true }),
    maxSequenceTokens: training.number('maxSequenceTokens', { min: 8, max: 128, integer: true }),
  };
  const lora = training.optional('lora');
  training.end();
  if (parsed.method === 'full' && lora !== undefined) {
    throw new JobFailure('bad_job', 'training.lora is given, but training.method is full. Drop one of them.');
  }
  if (parsed.method === 'lora') {
    const settings = new StrictObject('training.lora', lora);
    parsed.lora = {
      rank: settings.number('rank', { min: 1, max: 64, integer: true }),
      alpha: settings.number('alpha', { min: 0, max: 1e6, above: true }),
      targets: settings.literals('targets', loraTargets),
    };
    settings.end();
  }
  return parsed;
}

function parsePrediction(value: unknown, index: number): NanoPrediction {
  const prediction = new StrictObject(`predict[${index}]`, value);
  const parsed = {
    split: prediction.text('split', /^[A-Za-z0-9_-]{1,40}$/),
    file: prediction.text('file'),
    maxNewTokens: prediction.number('maxNewTokens', { min: 1, max: nano154k.context - 2, integer: true }),
  };
  prediction.end();
  return parsed;
}

function checkStages(job: NanoJob): void {
  const learns = job.stages.includes('probe') || job.stages.includes('train');
  if (learns && (!job.training || !job.trainFile)) {
    throw new JobFailure('bad_job', 'The stages probe and train need both training and trainFile.');
  }
  if (job.stages.includes('predict') !== (job.predict !== undefined)) {
    throw new JobFailure(
      'bad_job',
      'The stage predict and the list predict belong together; only one of them is there.',
    );
  }
  const splits = job.predict?.map(({ split }) => split) ?? [];
  if (new Set(splits).size < splits.length)
    throw new JobFailure('bad_job', 'Two predictions name the same split.');
}
