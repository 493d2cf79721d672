import { resolve } from 'node:path';
import { sha256 } from '../../../lib/hash.ts';
import { writeAtomicallySync } from '../../../lib/write-atomically.ts';
import { readTrainingRows } from './data-files.ts';
import { arenaBytes, trainingArena } from './estimate.ts';
import { fromHalf, toHalf } from './half.ts';
import type { NanoJob, NanoTraining } from './job.ts';
import { mergeAdapters } from './merge-adapters.ts';
import { openMetrics } from './metrics.ts';
import { createNetwork, loadWeights, type Network, readWeights } from './network.ts';
import type { PartialResult } from './outcome.ts';
import { JobFailure } from './outcome.ts';
import type { Pause } from './pause.ts';
import { measureSpeed } from './probe.ts';
import { rowSequence, type Sequence } from './sequences.ts';
import { runTraining, type TrainingProgress } from './training.ts';
import { unknownCharacters } from './vocabulary.ts';

/**
 * The stages probe and train, whichever the job has. Writes metrics.jsonl and weights.f16.bin.
 * @returns the weights as rounded in that file, so that a later predict job agrees; or `start`, when nothing was trained.
 */
export async function trainStage(
  job: NanoJob,
  folder: string,
  start: Float32Array,
  result: PartialResult,
  pause: Pause,
  said: string[],
): Promise<Float32Array> {
  const { training, trainFile, stages, seed } = job;
  if (!training || !trainFile || !(stages.includes('probe') || stages.includes('train'))) return start;
  const sequences = loadSequences(resolve(folder, trainFile), training, result);
  result.arenaBytes = requireMemory(training);
  if (stages.includes('probe')) {
    const network = createTrainer(training, seed, start);
    result.tokensPerSecond = await measureSpeed(network, sequences, training, job.probeSteps ?? 8, pause);
    said.push(`Probed ${result.tokensPerSecond} tokens a second in ${result.arenaBytes} bytes.`);
  }
  if (!stages.includes('train')) return start;
  const network = createTrainer(training, seed, start);
  const progress = await trainWithMetrics(network, sequences, training, seed, folder, result, pause);
  const { steps, tokens, trainLoss } = progress;
  said.push(`Trained ${steps} steps on ${tokens} tokens to loss ${trainLoss.toFixed(3)}.`);
  mergeAdapters(network);
  const bytes = toHalf(readWeights(network));
  writeAtomicallySync(resolve(folder, 'weights.f16.bin'), bytes);
  result.weightsSha256 = sha256(bytes);
  return fromHalf(bytes);
}

/** Trains; progress is written to the result also when the run fails. */
async function trainWithMetrics(
  network: Network,
  sequences: readonly Sequence[],
  training: NanoTraining,
  seed: number,
  folder: string,
  result: PartialResult,
  pause: Pause,
): Promise<TrainingProgress> {
  const progress: TrainingProgress = { step: 0, steps: 0, tokens: 0, trainLoss: Number.NaN, trainSeconds: 0 };
  const metrics = openMetrics(resolve(folder, 'metrics.jsonl'));
  try {
    await runTraining({ network, sequences, training, seed, progress, report: metrics.write, pause });
    return progress;
  } finally {
    metrics.close();
    const { trainLoss, trainSeconds, ...counts } = progress;
    Object.assign(result, counts, { trainSeconds: Number(trainSeconds.toFixed(3)) });
    if (Number.isFinite(trainLoss)) result.trainLoss = trainLoss;
    if (trainSeconds > 0) result.tokensPerSecond = Math.round(progress.tokens / trainSeconds);
  }
}

function loadSequences(path: string, training: NanoTraining, result: PartialResult): Sequence[] {
  const rows = readTrainingRows(path);
  const cut = rows.map((row) => rowSequence(row, training.maxSequenceTokens, training.completionOnly));
  const unknown = rows.map((row) => unknownCharacters(row.prompt) + unknownCharacters(row.completion));
  result.unknownCharacters = unknown.reduce((sum, count) => sum + count, 0);
  result.truncatedRows = cut.filter(({ truncated }) => truncated).length;
  return cut.map(({ sequence }) => sequence);
}

/** The arena's bytes. @throws JobFailure (out_of_memory) when they exceed the job's limit, before anything is allocated. */
function requireMemory(training: NanoTraining): number {
  const bytes = arenaBytes(training);
  const limit = training.memoryLimitBytes;
  if (limit > 0 && bytes > limit) {
    throw new JobFailure('out_of_memory', `Training needs ${bytes} bytes, and the limit is ${limit} bytes.`);
  }
  return bytes;
}

function createTrainer(training: NanoTraining, seed: number, weights: Float32Array): Network {
  try {
    const network = createNetwork(trainingArena(training), seed);
    loadWeights(network, weights);
    return network;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `Training needs ${arenaBytes(training)} bytes, and this machine refused them.`;
    throw new JobFailure('out_of_memory', message, { cause: error });
  }
}
