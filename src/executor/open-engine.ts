import { readFileSync } from 'node:fs';
import { TrexError } from '../lib/errors.ts';
import type { Engine } from './engine.ts';
import { parseModels } from './engines/gpu/models.ts';
import { type GpuName, gpuNames, gpus } from './estimates/gpus.ts';
import { createGpuEngine, type GpuEngineOptions } from './gpu-engine.ts';
import { createNanoEngine } from './nano-engine.ts';

type EngineChoice =
  | { kind: 'nano' }
  | ({ kind: 'gpu'; modelsFile: string; gpu: string } & Omit<GpuEngineOptions, 'models' | 'gpu'>);

/** Opens the configured engine. @throws TrexError `bad_config` with the variable that is wrong */
export function openEngine(choice: EngineChoice): Engine {
  if (choice.kind === 'nano') return createNanoEngine();
  const { modelsFile, gpu, ...options } = choice;
  return createGpuEngine({
    ...options,
    gpu: gpuOf(gpu),
    models: parseModels(readModels(modelsFile), modelsFile),
  });
}

/** The variables that configure the engine of a run spec, for people. */
export function variablesFor(engine: string): string {
  if (engine === 'nano') return 'TREX_ENGINE=nano';
  return `TREX_ENGINE=gpu and TREX_TRAINER=${engine === 'gpu-llamafactory' ? 'llamafactory' : 'trl'}`;
}

/** Above this share of a GPU's memory a plan is refused: the formulas miss by up to a quarter, mostly upwards. */
const usableShare = 0.92;

/** Bytes that a run may need on one GPU; null for the embedded engine, whose limit is configured. */
export function memoryLimitOf(choice: EngineChoice): number | null {
  return choice.kind === 'nano' ? null : Math.floor(gpus[gpuOf(choice.gpu)].memoryBytes * usableShare);
}

function gpuOf(name: string): GpuName {
  const gpu = gpuNames.find((known) => known === name);
  if (gpu !== undefined) return gpu;
  throw new TrexError('bad_config', 'config', `TREX_GPU: ${name} is none of ${gpuNames.join(', ')}.`);
}

function readModels(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TrexError('bad_config', 'config', `TREX_MODELS: ${file} cannot be read.`, { cause });
  }
}
