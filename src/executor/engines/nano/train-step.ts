import { backward } from './backward.ts';
import { forward } from './forward.ts';
import type { Network } from './network.ts';
import { type PackedBatch, packBatch, type Sequence } from './sequences.ts';

export interface StepSettings {
  learningRate: number;
  weightDecay: number;
  /** The gradient is scaled down to this global norm; 0 = off. */
  maxGradNorm: number;
  /** Measure the largest activation, for the fp16 range check. */
  measureActivations?: boolean;
}

export interface StepOutcome extends PackedBatch {
  /** Mean cross-entropy over the batch's targets, nats. Not finite: the weights were left as they were. */
  loss: number;
  /** Global norm before clipping. */
  gradNorm: number;
  /** Largest |activation| in the residual stream or the MLP, when measured. */
  largestActivation?: number;
}

const beta1 = 0.9;
const beta2 = 0.98;
const epsilon = 1e-8;

/** One AdamW step on these sequences. */
export function trainStep(
  network: Network,
  sequences: readonly Sequence[],
  settings: StepSettings,
): StepOutcome {
  const { kernels, arena, floats } = network;
  const buffers = arena.training;
  if (!buffers) throw new Error('This network was made without training buffers.');
  const { offset, floats: count, decayed } = arena.trainable;
  floats.fill(0, buffers.gradients >> 2, (buffers.gradients >> 2) + count);
  const packed = packBatch(network, sequences);
  forward(network, packed.batch, packed.tokens);
  const loss = lossAndGradient(network, packed, 1);
  backward(network, packed.batch, packed.tokens);
  const gradNorm = Math.sqrt(kernels.sumOfSquares(count, buffers.gradients));
  const outcome: StepOutcome = { ...packed, loss, gradNorm };
  if (settings.measureActivations) outcome.largestActivation = largestActivation(network, packed);
  if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) return outcome;

  network.updates++;
  const clip = settings.maxGradNorm > 0 ? Math.min(1, settings.maxGradNorm / (gradNorm + 1e-6)) : 1;
  const correction1 = 1 / (1 - beta1 ** network.updates);
  const correction2 = 1 / (1 - beta2 ** network.updates);
  const update = (start: number, size: number, weightDecay: number): void => {
    if (size === 0) return;
    kernels.adamW(
      size,
      offset + start * 4,
      buffers.gradients + start * 4,
      buffers.firstMoment + start * 4,
      buffers.secondMoment + start * 4,
      settings.learningRate,
      beta1,
      beta2,
      epsilon,
      weightDecay,
      correction1,
      correction2,
      clip,
    );
  };
  update(0, decayed, settings.weightDecay);
  update(decayed, count - decayed, 0);
  return outcome;
}

/** Mean loss over these sequences' targets, without learning. */
export function evaluateLoss(
  network: Network,
  sequences: readonly Sequence[],
): { loss: number; targets: number } {
  const packed = packBatch(network, sequences);
  forward(network, packed.batch, packed.tokens);
  return { loss: lossAndGradient(network, packed, 0), targets: packed.targets };
}

function lossAndGradient(network: Network, packed: PackedBatch, gradient: 0 | 1): number {
  const { kernels, arena, settings } = network;
  const rows = packed.batch * packed.tokens;
  const { vocabulary } = settings.architecture;
  return kernels.crossEntropy(rows, vocabulary, arena.logits, arena.targets, arena.weights, gradient);
}

function largestActivation(network: Network, packed: PackedBatch): number {
  const { kernels, arena, settings } = network;
  const rows = packed.batch * packed.tokens;
  const { width } = settings.architecture;
  let largest = kernels.maxAbsolute(rows * width, arena.final);
  for (const layer of arena.layers) {
    const inside = kernels.maxAbsolute(rows * 4 * width, layer.activated);
    if (!(inside <= largest)) largest = inside;
  }
  return largest;
}
