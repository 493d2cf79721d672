import { expect, test } from 'vitest';
import { memoryLimitOf, openEngine } from './open-engine.ts';

const choice = { kind: 'gpu', python: '/env/bin/python', gpu: 'H100', gpus: 1, downloads: false } as const;

test('a GPU that nobody knows and a list that is not there are named with their variable', () => {
  expect(() => memoryLimitOf({ ...choice, gpu: 'H1000', modelsFile: 'm' })).toThrow(
    /TREX_GPU: H1000 .*H100, H200/,
  );
  expect(() => openEngine({ ...choice, modelsFile: '/nowhere/models.json' })).toThrow(
    /TREX_MODELS: .*cannot be read/,
  );
});

test('the memory of a GPU limits its runs; the embedded engine leaves that to the configuration', () => {
  expect(memoryLimitOf({ ...choice, modelsFile: 'm' })).toBe(0.92 * 80e9);
  expect(memoryLimitOf({ kind: 'nano' })).toBeNull();
});
