import type { RunSpec, TrainingSettings } from '../campaign/run-spec.ts';
import { TrexError } from '../lib/errors.ts';
import { toJsonl } from '../recipe/jsonl.ts';
import type { Engine, EngineJob, RenderedJob } from './engine.ts';
import { checkSpec, type GpuPlace, isReward } from './engines/gpu/check-spec.ts';
import { estimateRun, probeSteps, standardSeconds } from './engines/gpu/expected-time.ts';
import type { GpuModel } from './engines/gpu/models.ts';
import { readGpuOutcome } from './engines/gpu/outcome.ts';
import { planBatch } from './engines/gpu/plan-batch.ts';
import { askedItem, trainingRows } from './engines/gpu/render-rows.ts';
import { type GpuRun, type GpuTraining, gpuRewards, type StandardTasks } from './engines/gpu/run-file.ts';
import { runnerFiles } from './engines/gpu/runner-files.ts';
import { unfitRow } from './engines/gpu/unfit-row.ts';
import { renderConfig } from './engines/llamafactory/render-config.ts';
import { countTokens } from './estimates/token-count.ts';
import { parseMetric, readPredictions } from './run-output.ts';

export interface GpuEngineOptions extends GpuPlace {
  /** Path of a Python with the runner's requirements, where jobs run. */
  python: string;
  models: GpuModel[];
  /** Lets runs fetch models by name from the Hugging Face Hub. */
  downloads: boolean;
  standard: StandardTasks | null;
}

const weightsFile = 'model.safetensors';
const checkpointsFolder = 'checkpoints';
const checkpointSeconds = 600;

/** Name of the engine in run specs, whose hash it is part of; for TRL it is `gpu`. */
const nameOf = { trl: 'gpu', llamafactory: 'gpu-llamafactory' };

/**
 * TRL or LLaMA-Factory on GPUs, driven through files: this side renders runs and reads results, the Python runner
 * trains.
 */
export function createGpuEngine(options: GpuEngineOptions): Engine {
  const runner = runnerFiles();
  const modelOf = (spec: RunSpec): GpuModel => {
    const model = options.models.find(({ id }) => id === spec.baseModel);
    if (model === undefined)
      throw new TrexError(
        'bad_config',
        'config',
        `There is no model ${spec.baseModel}. Name it in TREX_MODELS.`,
      );
    checkSpec(spec, model, options);
    return model;
  };
  const priceOf = (standard: StandardTasks) => (spec: RunSpec, tasks: number) =>
    standardSeconds(standard, tasks, modelOf(spec), options);
  return {
    name: nameOf[options.trainer],
    hardware: `${options.gpus}x${options.gpu}`,
    ...(options.gpu === 'cpu' ? {} : { gpus: options.gpus }),
    baseModels: options.models.map(({ id, title, maxSequenceTokens }) => ({ id, title, maxSequenceTokens })),
    metricsFile: 'metrics.jsonl',
    weightsFile,
    checkpointsFolder,
    weightsCompanions: [
      'config.json',
      'generation_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'special_tokens_map.json',
      'chat_template.jinja',
    ],
    supports: supportOf(options),
    probeSteps,
    defaultTraining: () => firstTraining(options.models[0]),
    countTokens,
    unfit: (row, use) =>
      unfitRow(
        row,
        use,
        options.models.find(({ id }) => id === use.baseModel),
      ),
    estimate: (spec, rows, asked) => {
      const estimate = estimateRun({ spec, rows, asked }, modelOf(spec), options);
      if (options.standard === null || spec.training !== null) return estimate;
      // The untrained base tries the standard tasks with an item each.
      const { tasks } = options.standard;
      const tried = standardSeconds({ ...options.standard, limit: 1 }, tasks.length, modelOf(spec), options);
      return { ...estimate, seconds: estimate.seconds + tried };
    },
    ...(options.standard === null
      ? {}
      : {
          standardTasks: options.standard.tasks.length,
          standardSeconds: priceOf(options.standard),
        }),
    render: (job) => {
      const { files, env } = renderFiles(job, modelOf(job.spec), options);
      const gpus = options.gpu === 'cpu' ? {} : { gpus: job.trainRows === null ? 1 : options.gpus };
      return { files: [...files, ...runner], argv: commandOf(job, options), env, ...gpus };
    },
    readOutcome: readGpuOutcome,
    readPredictions,
    parseMetric,
  };
}

function supportOf({ gpu, trainer }: Pick<GpuEngineOptions, 'gpu' | 'trainer'>): Engine['supports'] {
  const needs = [
    ...(gpu === 'cpu' ? ['QLoRA needs a GPU.'] : []),
    ...(trainer === 'llamafactory' ? ['GRPO needs TREX_TRAINER=trl.'] : []),
  ];
  return {
    methods: gpu === 'cpu' ? ['full', 'lora'] : ['full', 'lora', 'qlora'],
    objectives: trainer === 'llamafactory' ? ['sft', 'dpo'] : ['sft', 'dpo', 'grpo'],
    rewards: gpuRewards,
    needs: needs.length === 0 ? null : needs.join(' '),
  };
}

/** LoRA with a rate that suits it ("LoRA Without Regret": about ten times that of full fine-tuning). */
function firstTraining(model: GpuModel | undefined): TrainingSettings {
  return {
    method: 'lora',
    lora: { rank: 16, alpha: 32, targets: ['qkv', 'out', 'up', 'down'] },
    learningRate: 2e-4,
    schedule: 'cosine',
    warmupRatio: 0.03,
    weightDecay: 0,
    maxGradNorm: 1,
    batchSize: 16,
    epochs: 2,
    completionOnly: true,
    order: 'shuffled',
    precision: 'bf16',
    maxSequenceTokens: model?.maxSequenceTokens ?? 1024,
    memoryLimitBytes: 0,
  };
}

/** The command of a run. Several GPUs share a batch, a process each; the first one alone writes answers. */
function commandOf(job: EngineJob, { python, gpus }: GpuEngineOptions): string[] {
  if (gpus === 1 || job.trainRows === null) return [python, 'trex_train.py'];
  const together = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', String(gpus)];
  return [python, ...together, 'trex_train.py'];
}

function renderFiles(
  job: EngineJob,
  model: GpuModel,
  options: GpuEngineOptions,
): Pick<RenderedJob, 'files' | 'env'> {
  const { spec, trainRows } = job;
  const trains = spec.training !== null && trainRows !== null;
  const run: GpuRun = {
    v: 1,
    seed: spec.seed,
    model: model.path,
    chat: model.chat,
    device: options.gpu === 'cpu' ? 'cpu' : 'cuda',
    precision: spec.training?.precision ?? (options.gpu === 'cpu' ? 'fp32' : 'bf16'),
    weights: job.weightsPath,
    probe: job.probe ?? false,
    train: trains ? renderTraining(job, spec.training as TrainingSettings, model, options) : null,
    standard: standardOf(job, options),
    predict: job.predict.map(({ split }) => ({
      split,
      file: `${split}.prompts.jsonl`,
      maxNewTokens: spec.maxNewTokens,
    })),
  };
  const { train } = run;
  const isLlamaFactory = train?.trainer === 'llamafactory';
  return {
    files: [
      { name: 'run.json', text: JSON.stringify(run, null, 2) },
      ...(isLlamaFactory ? [{ name: 'llamafactory.yaml', text: renderConfig(run, train) }] : []),
      ...(trains
        ? [
            {
              name: 'train.jsonl',
              text: toJsonl(trainingRows(trainRows, model, spec.training?.objective?.kind === 'dpo')),
            },
          ]
        : []),
      ...job.predict.map(({ split, items }) => ({
        name: `${split}.prompts.jsonl`,
        text: toJsonl(items.map((item) => askedItem(item, model))),
      })),
    ],
    env: {
      HF_HUB_DISABLE_TELEMETRY: '1',
      TOKENIZERS_PARALLELISM: 'false',
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      ...(isLlamaFactory ? { LLAMAFACTORY_VERBOSITY: 'WARN' } : {}),
      ...(options.downloads ? {} : { HF_HUB_OFFLINE: '1', HF_DATASETS_OFFLINE: '1' }),
      ...(options.gpu === 'cpu' ? { OMP_NUM_THREADS: '1' } : { CUBLAS_WORKSPACE_CONFIG: ':4096:8' }),
    },
  };
}

function standardOf(job: EngineJob, { standard }: GpuEngineOptions): StandardTasks | null {
  if (standard === null || job.standard === undefined) return null;
  return job.standard === 'try' ? { ...standard, limit: 1 } : standard;
}

function renderTraining(
  job: EngineJob,
  training: TrainingSettings,
  model: GpuModel,
  options: GpuEngineOptions,
): GpuTraining {
  const { microBatch, accumulation } = planBatch(training, model, options);
  const { learningRate, schedule, warmupRatio, weightDecay, maxGradNorm, epochs, order } = training;
  return {
    trainer: options.trainer,
    file: 'train.jsonl',
    objective: objectiveOf(training, job.spec.maxNewTokens),
    lora: loraOf(training),
    learningRate,
    schedule,
    warmupRatio,
    weightDecay,
    maxGradNorm,
    epochs,
    microBatch,
    accumulation,
    order,
    maxSequenceTokens: training.maxSequenceTokens,
    gradientCheckpointing: options.gpu !== 'cpu',
    // A probe job needs no probe before it.
    probeSteps: job.probe ? 0 : probeSteps,
    checkpointSeconds,
    resumeFrom: (job.resumeFrom ?? []).map((folder) => `${folder}/${checkpointsFolder}`),
  };
}

function objectiveOf(training: TrainingSettings, maxNewTokens: number): GpuTraining['objective'] {
  const { objective, completionOnly } = training;
  if (objective === undefined) return { kind: 'sft', completionOnly };
  if (objective.kind === 'dpo') return objective;
  const { reward } = objective;
  if (!isReward(reward)) throw new TrexError('bad_config', 'config', `GRPO has no reward ${reward} here.`);
  return { ...objective, reward, maxCompletionTokens: maxNewTokens };
}

/** The matrices of our names, as Llama, Qwen, Mistral and Gemma call them. */
const modulesOf = {
  qkv: ['q_proj', 'k_proj', 'v_proj'],
  out: ['o_proj'],
  up: ['gate_proj', 'up_proj'],
  down: ['down_proj'],
};

function loraOf({ lora }: TrainingSettings): GpuTraining['lora'] {
  if (lora === null) return null;
  const all = new Set(lora.targets).size === Object.keys(modulesOf).length;
  return {
    rank: lora.rank,
    alpha: lora.alpha,
    targets: all ? 'all-linear' : lora.targets.flatMap((target) => modulesOf[target]),
    quantized: lora.quantized ?? false,
  };
}
