import { describe, expect, it } from 'vitest';
import { nano154k } from './architecture.ts';
import { planArena } from './arena.ts';
import {
  arenaBytes,
  describeArchitecture,
  expectedSeconds,
  nanoDefaults,
  trainingArena,
  trainTokens,
} from './estimate.ts';
import { createNetwork } from './network.ts';
import { countSteps } from './schedule.ts';
import { batchOrder } from './training.ts';

describe('memory', () => {
  it('is exact: the network allocates that many bytes, rounded up to a page', () => {
    for (const training of [nanoDefaults, { ...nanoDefaults, batchSize: 3, maxSequenceTokens: 30 }]) {
      const network = createNetwork(trainingArena(training), 1);
      expect(network.floats.byteLength).toBe(Math.ceil(arenaBytes(training) / 65_536) * 65_536);
    }
  });

  it('places every tensor in its own 64-byte aligned stretch', () => {
    const lora = { rank: 5, alpha: 10, targets: ['qkv', 'down'] as ('qkv' | 'down')[] };
    const arena = planArena(trainingArena({ ...nanoDefaults, method: 'lora', lora }));
    const slots = [...arena.parameters, ...arena.adapters];
    expect(slots.every(({ offset }) => offset % 64 === 0)).toBe(true);
    for (const [index, slot] of slots.slice(1).entries()) {
      expect(slot.offset).toBeGreaterThanOrEqual(slots[index]!.offset + slots[index]!.size * 4);
    }
    expect(arena.trainable.offset).toBe(arena.adapters[0]!.offset);
  });

  it('grows with batch and length, and LoRA saves the moments of the frozen weights', () => {
    const at = (change: object): number => arenaBytes({ ...nanoDefaults, ...change });
    expect(at({ batchSize: 32 })).toBeGreaterThan(1.9 * at({ batchSize: 16 }));
    expect(at({ maxSequenceTokens: 64 })).toBeLessThan(at({}) / 2);
    expect(at({ method: 'lora', lora: { rank: 1, alpha: 1, targets: ['qkv'] } })).toBeLessThan(at({}));
  });
});

describe('work', () => {
  it('counts the tokens that the batches really hold', () => {
    const lengths = Array.from({ length: 50 }, (_, i) => 10 + i);
    for (const [batch, epochs] of [
      [16, 1],
      [16, 3],
      [7, 2],
    ] as const) {
      const order = batchOrder(lengths.length, batch, 'shuffled', 1);
      let tokens = 0;
      for (let step = 0; step < countSteps(lengths.length, batch, epochs); step++) {
        tokens += order.next().value.reduce((sum, index) => sum + lengths[index]!, 0);
      }
      expect(trainTokens(lengths, batch, epochs)).toBe(tokens);
    }
    expect(trainTokens(lengths, 16, 0.5)).toBe(Math.round((50 * 34.5 * 32) / 50));
    expect(trainTokens([], 16, 1)).toBe(0);
  });

  it('expects start-up plus tokens over speed', () => {
    expect(expectedSeconds(40_000, 20_000)).toBe(3);
  });

  it('describes the architecture', () => {
    expect(describeArchitecture()).toEqual({ ...nano154k, parameters: 154_304, weightBytes: 308_608 });
  });
});
