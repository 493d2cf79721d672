import { resolve } from 'node:path';
import { badConfig, type Env, isSet, refuseOrphan } from './environment.ts';

/** Training engine. `modelsFile` lists base models, `gpu` is the GPU model, `gpus` how many of them one run gets. */
export type EngineConfig = { kind: 'nano' } | ({ kind: 'gpu' } & GpuConfig);

export interface GpuConfig {
  trainer: 'trl' | 'llamafactory';
  python: string;
  modelsFile: string;
  gpu: string;
  gpus: number;
  downloads: boolean;
  /** Standard tasks of lm-eval, `limit` items of each; `folder` has tasks of one's own. Null: none are measured. */
  standard: { tasks: string[]; folder: string | null; limit: number } | null;
}

export function engineOf(env: Env): EngineConfig {
  const { TREX_PYTHON: python, TREX_MODELS: models, TREX_GPU: gpu } = env;
  if (env.TREX_ENGINE === 'nano') {
    refuseOrphan(env, (name) => gpuVariables.includes(name), 'TREX_ENGINE', 'gpu');
    return { kind: 'nano' };
  }
  if (python === undefined || models === undefined || gpu === undefined) {
    const missing = Object.entries({ TREX_PYTHON: python, TREX_MODELS: models, TREX_GPU: gpu });
    const names = missing.filter(([, value]) => value === undefined).map(([name]) => name);
    throw badConfig(names.map((name) => `${name} is missing, and TREX_ENGINE is gpu`));
  }
  const { TREX_TRAINER: trainer, TREX_GPUS: gpus, TREX_HF_DOWNLOADS: downloads } = env;
  const modelsFile = resolve(models);
  const engine = { trainer, python, modelsFile, gpu, gpus, downloads: downloads === 'on' };
  return { kind: 'gpu', ...engine, standard: standardOf(env) };
}

const gpuVariables: string[] = [
  ...['TREX_TRAINER', 'TREX_PYTHON', 'TREX_MODELS', 'TREX_GPU', 'TREX_GPUS', 'TREX_HF_DOWNLOADS'],
  ...['TREX_LM_EVAL_TASKS', 'TREX_LM_EVAL_DIR', 'TREX_LM_EVAL_LIMIT'],
];

function standardOf(env: Env): GpuConfig['standard'] {
  const { TREX_LM_EVAL_TASKS: tasks, TREX_LM_EVAL_DIR: folder = null, TREX_LM_EVAL_LIMIT: limit } = env;
  if (tasks !== undefined) return { tasks: tasks.split(/\s*,\s*/), folder, limit };
  const dependent = ['TREX_LM_EVAL_DIR', 'TREX_LM_EVAL_LIMIT'] as const;
  const orphan = dependent.find((name) => isSet(env, name));
  if (orphan !== undefined)
    throw badConfig([`TREX_LM_EVAL_TASKS is missing, and ${orphan} is set. Name the tasks, or unset it`]);
  return null;
}
