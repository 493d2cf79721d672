import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { sha256 } from '../../../lib/hash.ts';
import { nano154k } from './architecture.ts';
import { planArena } from './arena.ts';
import { loadBaseModel } from './base-model.ts';
import { readPromptRows, readTrainingRows } from './data-files.ts';
import { trainingArena } from './estimate.ts';
import { fromHalf, toHalf } from './half.ts';
import type { NanoJob, NanoTraining } from './job.ts';
import { openMetrics } from './metrics.ts';
import { createNetwork, loadWeights, mergeAdapters, type Network, readWeights } from './network.ts';
import { JobFailure, type NanoResult } from './outcome.ts';
import type { Pause } from './pause.ts';
import { createReader, measureGeneralLoss, predictRows, writeAtomically } from './prediction.ts';
import { measureSpeed } from './probe.ts';
import { rowSequence, type Sequence } from './sequences.ts';
import { runTraining, type TrainingProgress } from './training.ts';
import { unknownCharacters } from './vocabulary.ts';

/** What is known so far; ends up in result.json whatever happens. */
export type PartialResult = Partial<Omit<NanoResult, 'v' | 'outcome' | 'message'>>;

/**
 * Runs the stages of a job in its folder. Fills `result` as it goes.
 * @returns the sentence of success. @throws JobFailure for every other outcome.
 */
export async function runJob(
  job: NanoJob,
  folder: string,
  result: PartialResult,
  pause: Pause,
): Promise<string> {
  const base = loadBaseModel();
  result.baseGeneralLoss = base.generalLoss;
  let weights = job.weightsFile ? readWeightsFile(resolve(folder, job.weightsFile)) : base.weights;
  const said: string[] = [];

  if (job.training && job.trainFile && (job.stages.includes('probe') || job.stages.includes('train'))) {
    const sequences = loadTraining(resolve(folder, job.trainFile), job.training, result);
    result.arenaBytes = requireMemory(job.training);
    if (job.stages.includes('probe')) {
      const network = createTrainer(job.training, job.seed, weights);
      result.tokensPerSecond = await measureSpeed(
        network,
        sequences,
        job.training,
        job.probeSteps ?? 8,
        pause,
      );
      said.push(`Probed ${result.tokensPerSecond} tokens a second in ${result.arenaBytes} bytes.`);
    }
    if (job.stages.includes('train')) {
      weights = await train(job, folder, sequences, weights, result, pause);
      said.push(
        `Trained ${result.steps} steps on ${result.tokens} tokens to loss ${result.trainLoss?.toFixed(3)}.`,
      );
    }
  }
  if (job.stages.includes('train') || job.stages.includes('predict')) {
    const reader = createReader(weights);
    result.generalLoss = measureGeneralLoss(reader);
    for (const prediction of job.predict ?? []) {
      const rows = readPromptRows(resolve(folder, prediction.file));
      addUnknown(
        result,
        rows.map(({ prompt }) => prompt),
      );
      const answers = await predictRows(reader, rows, prediction.maxNewTokens, pause);
      const lines = rows.map(({ id }, index) => JSON.stringify({ id, prediction: answers[index] }));
      writeAtomically(resolve(folder, `predictions.${prediction.split}.jsonl`), `${lines.join('\n')}\n`);
      result.predictions = { ...result.predictions, [prediction.split]: rows.length };
      said.push(`Predicted ${rows.length} rows of ${prediction.split}.`);
    }
  }
  return said.join(' ');
}

/** Trains, writes weights.f16.bin and returns the weights as rounded there, so that a later predict job agrees. */
async function train(
  job: NanoJob,
  folder: string,
  sequences: readonly Sequence[],
  start: Float32Array,
  result: PartialResult,
  pause: Pause,
): Promise<Float32Array> {
  const network = createTrainer(job.training!, job.seed, start);
  const progress: TrainingProgress = { step: 0, steps: 0, tokens: 0, trainLoss: Number.NaN, trainSeconds: 0 };
  const metrics = openMetrics(resolve(folder, 'metrics.jsonl'));
  try {
    const { training, seed } = job;
    await runTraining({
      network,
      sequences,
      training: training!,
      seed,
      progress,
      report: metrics.write,
      pause,
    });
  } finally {
    metrics.close();
    const { trainLoss, trainSeconds, ...counts } = progress;
    Object.assign(result, counts, { trainSeconds: Number(trainSeconds.toFixed(3)) });
    if (Number.isFinite(trainLoss)) result.trainLoss = trainLoss;
    if (trainSeconds > 0) result.tokensPerSecond = Math.round(progress.tokens / trainSeconds);
  }
  mergeAdapters(network);
  const bytes = toHalf(readWeights(network));
  writeAtomically(resolve(folder, 'weights.f16.bin'), bytes);
  result.weightsSha256 = sha256(bytes);
  return fromHalf(bytes);
}

function loadTraining(path: string, training: NanoTraining, result: PartialResult): Sequence[] {
  const rows = readTrainingRows(path);
  addUnknown(
    result,
    rows.flatMap(({ prompt, completion }) => [prompt, completion]),
  );
  const cut = rows.map((row) => rowSequence(row, training.maxSequenceTokens, training.completionOnly));
  result.truncatedRows = cut.filter(({ truncated }) => truncated).length;
  return cut.map(({ sequence }) => sequence);
}

function addUnknown(result: PartialResult, texts: readonly string[]): void {
  const count = texts.reduce((sum, text) => sum + unknownCharacters(text), 0);
  result.unknownCharacters = (result.unknownCharacters ?? 0) + count;
}

/** The arena's bytes. @throws JobFailure (out_of_memory) when they exceed the job's limit, before anything is allocated. */
function requireMemory(training: NanoTraining): number {
  const { bytes } = planArena(trainingArena(training));
  const limit = training.memoryLimitBytes;
  if (limit > 0 && bytes > limit) {
    throw new JobFailure('out_of_memory', `Training needs ${bytes} bytes, and the limit is ${limit} bytes.`);
  }
  return bytes;
}

function createTrainer(training: NanoTraining, seed: number, weights: Float32Array): Network {
  const settings = trainingArena(training);
  try {
    const network = createNetwork(settings, seed);
    loadWeights(network, weights);
    return network;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { bytes } = planArena(settings);
    throw new JobFailure('out_of_memory', `Training needs ${bytes} bytes, and this machine refused them.`, {
      cause: error,
    });
  }
}

function readWeightsFile(path: string): Float32Array {
  const expected = loadExpectedBytes();
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new JobFailure('bad_data', `I cannot read the weights ${path}.`, { cause: error });
  }
  if (bytes.length !== expected) {
    throw new JobFailure(
      'bad_data',
      `${path} has ${bytes.length} bytes; the weights of nano-154k have ${expected}.`,
    );
  }
  return fromHalf(bytes);
}

function loadExpectedBytes(): number {
  return planArena({
    architecture: nano154k,
    training: false,
    batchSize: 1,
    sequenceTokens: 4,
    decodeRows: 0,
  }).parameters.reduce((sum, slot) => sum + slot.size * 2, 0);
}
