import { fileURLToPath } from 'node:url';
import type { RunSpec, TrainingSettings } from '../campaign/run-spec.ts';
import { type Fault, TrexError } from '../lib/errors.ts';
import { runTypeScript } from '../lib/run-typescript.ts';
import { toJsonl } from '../recipe/jsonl.ts';
import type { Row } from '../recipe/types.ts';
import type { Asked, AskedItem, Engine, EngineJob, EngineOutcome, Estimate, RenderedJob } from './engine.ts';
import { nano154k } from './engines/nano/architecture.ts';
import { arenaBytes, expectedSeconds, nanoDefaults, trainTokens } from './engines/nano/estimate.ts';
import type { NanoJob, NanoTraining } from './engines/nano/job.ts';
import type { NanoOutcome, NanoResult } from './engines/nano/outcome.ts';
import { rowTokens } from './engines/nano/sequences.ts';
import { unfitRow } from './engines/nano/unfit-row.ts';
import { countCharacters } from './engines/nano/vocabulary.ts';
import { parseMetric, readPredictions } from './run-output.ts';

const worker = fileURLToPath(new URL('./engines/nano/worker.ts', import.meta.url));

/**
 * Speed before anything was measured on this machine, tokens a second on one core (bench nano). The campaign's
 * calibration corrects it after the first run.
 */
const tokensPerSecond = { full: 18_000, lora: 20_000 };
/** Positions read or written, 64 prompts at once: 600 prompts of 25 characters a second with 60 to write. */
const positionsPerSecond = 50_000;
const assumedPrompt = 30;

/** The embedded trainer, driven through its files: this side renders jobs and reads results. */
export function createNanoEngine(): Engine {
  return {
    name: 'nano',
    baseModels: [
      {
        id: nano154k.name,
        title: 'nano, 154k parameters, trained on the CPU',
        maxSequenceTokens: nano154k.context,
      },
    ],
    metricsFile: 'metrics.jsonl',
    weightsFile: 'weights.f16.bin',
    supports: {
      methods: ['full', 'lora'],
      objectives: ['sft'],
      rewards: [],
      needs: 'QLoRA, DPO and GRPO need the GPU engine (TREX_ENGINE=gpu).',
    },
    defaultTraining: () => toSettings(nanoDefaults),
    countTokens: countCharacters,
    unfit: (row, { maxSequenceTokens }) => unfitRow(row, maxSequenceTokens),
    estimate,
    render,
    readOutcome: async (read) => {
      const text = await read('result.json');
      return text === null ? null : toOutcome(JSON.parse(text) as NanoResult);
    },
    readPredictions,
    parseMetric,
  };
}

function estimate(spec: RunSpec, trainRows: Row[] | null, asked: Asked): Estimate {
  const positions = (asked.promptTokens ?? assumedPrompt) + spec.maxNewTokens;
  const predictSeconds = (asked.prompts * positions) / positionsPerSecond;
  if (spec.training === null || trainRows === null) {
    return { seconds: expectedSeconds(0, 1) + predictSeconds, memoryBytes: 0, trainTokens: 0 };
  }
  const { training } = spec;
  const lengths = trainRows.map((row) => Math.min(training.maxSequenceTokens, rowTokens(row)));
  const tokens = trainTokens(lengths, training.batchSize, training.epochs);
  return {
    seconds: expectedSeconds(tokens, tokensPerSecond[training.method]) + predictSeconds,
    memoryBytes: arenaBytes(toNano(training)),
    trainTokens: tokens,
  };
}

function render(job: EngineJob): RenderedJob {
  const { spec } = job;
  const trains = spec.training !== null && job.trainRows !== null;
  const nano: NanoJob = {
    v: 1,
    baseModel: 'nano-154k',
    stages: trains ? ['train', 'predict'] : ['predict'],
    seed: spec.seed,
    predict: job.predict.map(({ split }) => ({
      split,
      file: `${split}.prompts.jsonl`,
      maxNewTokens: spec.maxNewTokens,
    })),
    ...(trains ? { training: toNano(spec.training as TrainingSettings), trainFile: 'train.jsonl' } : {}),
    ...(job.weightsPath === null ? {} : { weightsFile: job.weightsPath }),
  };
  const rows = (job.trainRows ?? []).map(({ prompt, completion }) => ({ prompt, completion }));
  return {
    files: [
      { name: 'job.json', text: JSON.stringify(nano, null, 2) },
      ...(trains ? [{ name: 'train.jsonl', text: toJsonl(rows) }] : []),
      ...job.predict.map(({ split, items }) => ({
        name: `${split}.prompts.jsonl`,
        text: toJsonl(items.map(asked)),
      })),
    ],
    argv: [process.execPath, ...runTypeScript(), worker, '.'],
    env: {},
  };
}

const asked = ({ id, prompt }: AskedItem): object => ({ id, prompt });

/** @throws TrexError `bad_config` for settings that only engines on GPUs support */
function toNano(training: TrainingSettings): NanoTraining {
  const { lora, objective, precision, ...rest } = training;
  if (objective !== undefined || lora?.quantized || precision === 'bf16') {
    const what = objective?.kind.toUpperCase() ?? (lora?.quantized ? 'QLoRA' : 'The precision bf16');
    throw new TrexError('bad_config', 'config', `${what} needs the GPU engine (TREX_ENGINE=gpu).`);
  }
  return { ...rest, precision, ...(lora === null ? {} : { lora }) };
}

function toSettings(training: NanoTraining): TrainingSettings {
  return { ...training, lora: training.lora ?? null };
}

const faultOf: Record<Exclude<NanoOutcome, 'ok'>, Fault> = {
  bad_job: 'ours',
  bad_data: 'data',
  out_of_memory: 'config',
  diverged: 'config',
  nan: 'config',
  cancelled: 'user',
  crashed: 'ours',
};

function toOutcome(result: NanoResult): EngineOutcome {
  if (result.outcome !== 'ok') {
    const { outcome: code, message } = result;
    return { ok: false, failure: { code, fault: faultOf[code], message, log: [] } };
  }
  return {
    ok: true,
    trainLoss: result.trainLoss ?? null,
    generalLoss: result.generalLoss ?? null,
    baseGeneralLoss: result.baseGeneralLoss ?? null,
    tokensPerSecond: result.tokensPerSecond ?? null,
    weightsSha256: result.weightsSha256 ?? null,
  };
}
