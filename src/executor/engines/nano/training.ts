import { createRng } from '../../../lib/rng.ts';
import { createDivergenceWatch } from './divergence.ts';
import type { NanoTraining } from './job.ts';
import type { StepMetrics } from './metrics.ts';
import type { Network } from './network.ts';
import { JobFailure } from './outcome.ts';
import type { Pause } from './pause.ts';
import { countSteps, learningRateAt } from './schedule.ts';
import type { Sequence } from './sequences.ts';
import { type StepOutcome, trainStep } from './train-step.ts';

const halfLargest = 65_504;
const lossWindow = 20;

/** The progress of a training run; updated at every step, so that a failure can report it too. */
export interface TrainingProgress {
  step: number;
  steps: number;
  tokens: number;
  trainLoss: number;
  trainSeconds: number;
}

/** Batches of row indices for ever, epoch after epoch; the last batch of an epoch may be smaller. */
export function* batchOrder(
  rows: number,
  batchSize: number,
  order: NanoTraining['order'],
  seed: number,
): Generator<number[], never> {
  const rng = createRng(seed);
  const indices = Array.from({ length: rows }, (_, index) => index);
  for (;;) {
    if (order === 'shuffled') rng.shuffle(indices);
    for (let start = 0; start < rows; start += batchSize) yield indices.slice(start, start + batchSize);
  }
}

/**
 * Fine-tunes the network. @throws JobFailure: nan (loss, gradient or fp16 range), diverged, cancelled (from `pause`).
 */
export async function runTraining(input: {
  network: Network;
  sequences: readonly Sequence[];
  training: NanoTraining;
  seed: number;
  progress: TrainingProgress;
  report: (step: StepMetrics) => void;
  pause: Pause;
}): Promise<void> {
  const { network, sequences, training, progress } = input;
  const steps = countSteps(sequences.length, training.batchSize, training.epochs);
  const watch = createDivergenceWatch(steps, Math.round(steps * training.warmupRatio));
  const batches = batchOrder(sequences.length, training.batchSize, training.order, input.seed);
  const startedMs = performance.now();
  const recent: number[] = [];
  progress.steps = steps;
  while (progress.step < steps) {
    await input.pause();
    const batch = batches.next().value.map((index) => sequences[index]!);
    const learningRate = learningRateAt(progress.step, steps, training);
    const outcome = trainStep(network, batch, stepSettings(training, learningRate));
    progress.step++;
    progress.tokens += outcome.read;
    progress.trainSeconds = (performance.now() - startedMs) / 1000;
    recent.push(outcome.loss);
    if (recent.length > lossWindow) recent.shift();
    progress.trainLoss = recent.reduce((sum, loss) => sum + loss, 0) / recent.length;
    const failure = failureOf(outcome, progress, learningRate, watch(progress.step, outcome.loss));
    const { step, tokens } = progress;
    const { loss, gradNorm } = outcome;
    input.report({
      step,
      steps,
      tokens,
      loss,
      gradNorm,
      learningRate,
      isLast: step === steps || failure !== undefined,
    });
    if (failure) throw failure;
  }
}

export function stepSettings(training: NanoTraining, learningRate: number): Parameters<typeof trainStep>[2] {
  const { weightDecay, maxGradNorm, precision } = training;
  return { learningRate, weightDecay, maxGradNorm, measureActivations: precision === 'fp16' };
}

function failureOf(
  { loss, gradNorm, largestActivation }: StepOutcome,
  { step, steps }: TrainingProgress,
  learningRate: number,
  diverged: number | undefined,
): JobFailure | undefined {
  const when = `at step ${step} of ${steps} (learning rate ${learningRate.toPrecision(3)})`;
  if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
    return new JobFailure('nan', `The loss became ${loss} and the gradient norm ${gradNorm} ${when}.`);
  }
  if (largestActivation !== undefined && !(largestActivation <= halfLargest)) {
    const value = largestActivation.toPrecision(4);
    return new JobFailure('nan', `An activation reached ${value} ${when}; float16 ends at ${halfLargest}.`);
  }
  if (diverged !== undefined) {
    return new JobFailure(
      'diverged',
      `The loss ran away and did not come back: it is ${diverged.toFixed(2)} on average ${when}.`,
    );
  }
  return undefined;
}
