import { expect, test } from 'vitest';
import { createNanoEngine } from './nano-engine.ts';
import { kindOfTraining, summariseTraining } from './summarise-training.ts';

const full = createNanoEngine().defaultTraining();
const lora = { rank: 16, alpha: 32, targets: ['qkv' as const], quantized: true as const };
const dpo = { ...full, method: 'lora' as const, lora, objective: { kind: 'dpo' as const, beta: 0.1 } };

test('speeds are kept apart by what makes runs slow: method, 4-bit weights, objective', () => {
  expect([null, full, { ...dpo, objective: undefined }, dpo].map(kindOfTraining)).toEqual([
    'none',
    'full',
    'qlora',
    'qlora-dpo',
  ]);
});

test('settings in a line name what is not usual', () => {
  expect(summariseTraining(full)).toBe('full, lr 1e-3, batch 16, 1 epoch');
  expect(summariseTraining(dpo)).toBe('DPO, QLoRA r16, lr 1e-3, batch 16, 1 epoch');
});
