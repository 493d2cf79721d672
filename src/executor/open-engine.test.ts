import { expect, test } from 'vitest';
import { memoryLimitOf, openEngine, variablesFor } from './open-engine.ts';

const options = { gpus: 1, downloads: false, standard: null };
const engine = { trainer: 'trl', python: '/env/bin/python', ...options } as const;
const choice = { kind: 'gpu', gpu: 'H100', ...engine } as const;

test('a GPU that nobody knows and a list that is not there are named with their variable', () => {
  expect(() => memoryLimitOf({ ...choice, gpu: 'H1000', modelsFile: 'm' })).toThrow(
    /TREX_GPU: H1000 .*H100, H200/,
  );
  expect(() => openEngine({ ...choice, modelsFile: '/nowhere/models.json' })).toThrow(
    /TREX_MODELS: .*cannot be read/,
  );
});

test('people are told which variables give the engine of a spec', () => {
  expect(variablesFor('nano')).toBe('TREX_ENGINE=nano');
  expect(variablesFor('gpu')).toBe('TREX_ENGINE=gpu and TREX_TRAINER=trl');
  expect(variablesFor('gpu-llamafactory')).toBe('TREX_ENGINE=gpu and TREX_TRAINER=llamafactory');
});

test('the memory of a GPU limits its runs; the embedded engine leaves that to the configuration', () => {
  expect(memoryLimitOf({ ...choice, modelsFile: 'm' })).toBe(0.92 * 80e9);
  expect(memoryLimitOf({ kind: 'nano' })).toBeNull();
});
