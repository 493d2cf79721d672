import { describe, expect, it } from 'vitest';
import { createRng } from '../../../lib/rng.ts';
import type { Architecture, LoraSettings } from './architecture.ts';
import { backward } from './backward.ts';
import { decodeGreedy } from './decode.ts';
import { forward } from './forward.ts';
import type { Backend } from './kernels/kernels.ts';
import { gradientOf } from './matrix.ts';
import { mergeAdapters } from './merge-adapters.ts';
import { createNetwork, type Network, view } from './network.ts';
import { packBatch, type Sequence } from './sequences.ts';
import { evaluateLoss } from './train-step.ts';

const tiny: Architecture = { name: 'tiny', vocabulary: 20, width: 16, layers: 2, heads: 2, context: 64 };
const everyTarget: LoraSettings = { rank: 3, alpha: 6, targets: ['qkv', 'out', 'up', 'down'] };

function makeNetwork(backend: Backend, lora?: LoraSettings): Network {
  const settings = { architecture: tiny, training: true, batchSize: 4, sequenceTokens: 60, decodeRows: 4 };
  const network = createNetwork(lora ? { ...settings, lora } : settings, 3, backend);
  const rng = createRng(5);
  for (const slot of network.arena.adapters) {
    const values = view(network, slot);
    for (let i = 0; i < values.length; i++) values[i] = values[i]! + rng.gauss() * 0.1;
  }
  return network;
}

/** Lengths on both sides of the attention kernel's block of 48. */
function randomSequences(): Sequence[] {
  const rng = createRng(11);
  return [7, 15, 50, 58].map((length) => ({
    ids: Array.from({ length }, () => rng.int(tiny.vocabulary)),
    firstTarget: 1 + rng.int(4),
  }));
}

/** Worst |numeric - analytic| / (|numeric| + |analytic| + 0.01) over six entries of each parameter group, by name. */
function gradientErrors(network: Network): Map<string, number> {
  const sequences = randomSequences();
  const { arena, kernels, floats } = network;
  const packed = packBatch(network, sequences);
  forward(network, packed.batch, packed.tokens);
  const rows = packed.batch * packed.tokens;
  kernels.crossEntropy(rows, tiny.vocabulary, arena.logits, arena.targets, arena.weights, 1);
  backward(network, packed.batch, packed.tokens);
  const rng = createRng(7);
  const step = 2e-3;
  const errors = new Map<string, number>();
  for (const slot of network.settings.lora ? arena.adapters : arena.parameters) {
    let worst = 0;
    for (let sample = 0; sample < 6; sample++) {
      const index = rng.int(slot.size);
      const analytic = floats[(gradientOf(network, slot).offset >> 2) + index]!;
      const weights = view(network, slot);
      const original = weights[index]!;
      weights[index] = original + step;
      const above = evaluateLoss(network, sequences).loss;
      weights[index] = original - step;
      const below = evaluateLoss(network, sequences).loss;
      weights[index] = original;
      const numeric = (above - below) / (2 * step);
      worst = Math.max(worst, Math.abs(numeric - analytic) / (Math.abs(numeric) + Math.abs(analytic) + 0.01));
    }
    errors.set(slot.name, worst);
  }
  return errors;
}

describe.each(['wasm', 'javascript'] as const)('%s network', (backend) => {
  it('has the gradient that finite differences find, for every parameter', () => {
    const errors = gradientErrors(makeNetwork(backend));
    expect(errors.size).toBe(14);
    for (const [name, error] of errors) expect(error, name).toBeLessThan(5e-3);
  });

  it('has the gradient that finite differences find, for every adapter', () => {
    const errors = gradientErrors(makeNetwork(backend, everyTarget));
    expect(errors.size).toBe(16);
    for (const [name, error] of errors) expect(error, name).toBeLessThan(5e-3);
  });

  it('leaves the function as it was when adapters are merged', () => {
    const network = makeNetwork(backend, everyTarget);
    const before = evaluateLoss(network, randomSequences()).loss;
    mergeAdapters(network);
    expect(evaluateLoss(network, randomSequences()).loss).toBeCloseTo(before, 5);
  });

  it('decodes step by step what the whole forward pass finds most likely', async () => {
    const network = makeNetwork(backend, everyTarget);
    const prompts = randomSequences().map(({ ids }) => ids.slice(0, ids.length - 3));
    const noEnd = prompts.map((ids) => ids.map((id) => (id === 3 ? 4 : id)));
    const outputs = await decodeGreedy(
      network,
      noEnd.map((ids) => ({ ids, maxNewTokens: 6 })),
    );
    expect(outputs.some((output) => output.length > 0)).toBe(true);
    for (const [row, output] of outputs.entries()) {
      const whole = [...noEnd[row]!, ...output];
      const packed = packBatch(network, [{ ids: [...whole, 0], firstTarget: 1 }]);
      forward(network, 1, packed.tokens);
      for (const [index, id] of output.entries()) {
        const start = (network.arena.logits >> 2) + (noEnd[row]!.length - 1 + index) * tiny.vocabulary;
        const logits = network.floats.subarray(start, start + tiny.vocabulary);
        expect(logits.indexOf(Math.max(...logits))).toBe(id);
      }
    }
  });
});
