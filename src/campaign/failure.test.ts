import { expect, test } from 'vitest';
import { createNanoEngine } from '../executor/nano-engine.ts';
import { classOf, failsAlike } from './failure.ts';

const full = createNanoEngine().defaultTraining();
const lora = { ...full, method: 'lora' as const, lora: { rank: 8, alpha: 16, targets: ['qkv' as const] } };
const qlora = { ...lora, lora: { ...lora.lora, quantized: true as const } };
const outOfMemory = { code: 'out_of_memory', fault: 'config' as const };

test('memory and the installation are classes of their own', () => {
  expect(classOf(outOfMemory)).toBe('memory');
  expect(classOf({ code: 'environment', fault: 'cluster' })).toBe('environment');
  expect(classOf({ code: 'lost', fault: 'cluster' })).toBe('cluster');
});

test('rows, packages and our own bugs hit every run alike, settings and chance do not', () => {
  for (const fault of ['data', 'ours'] as const)
    expect(failsAlike({ code: 'x', fault }, full, lora)).toBe(true);
  expect(failsAlike({ code: 'environment', fault: 'cluster' }, full, lora)).toBe(true);
  for (const code of ['diverged', 'nan', 'bad_config', 'over_ceiling'])
    expect(failsAlike({ code, fault: 'config' }, full, full)).toBe(false);
  for (const code of ['lost', 'killed', 'stalled', 'gpu_idle'])
    expect(failsAlike({ code, fault: 'cluster' }, full, full)).toBe(false);
});

test('memory hits whoever needs as much, and spares smaller batches, shorter rows and lighter methods', () => {
  expect(failsAlike(outOfMemory, full, full)).toBe(true);
  expect(failsAlike(outOfMemory, full, { ...full, batchSize: full.batchSize * 2, learningRate: 1 })).toBe(
    true,
  );
  expect(failsAlike(outOfMemory, lora, full)).toBe(true);
  expect(failsAlike(outOfMemory, full, lora)).toBe(false);
  expect(failsAlike(outOfMemory, lora, qlora)).toBe(false);
  expect(failsAlike(outOfMemory, full, { ...full, batchSize: full.batchSize / 2 })).toBe(false);
  expect(failsAlike(outOfMemory, full, { ...full, maxSequenceTokens: full.maxSequenceTokens - 1 })).toBe(
    false,
  );
});
