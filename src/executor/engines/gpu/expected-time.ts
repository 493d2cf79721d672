import type { RunSpec } from '../../../campaign/run-spec.ts';
import { TrexError } from '../../../lib/errors.ts';
import type { Row } from '../../../recipe/types.ts';
import type { Asked, Estimate } from '../../engine.ts';
import { type Gpu, gpus } from '../../estimates/gpus.ts';
import { answerSeconds, microStepSeconds, paddedLength, trainingFlops } from '../../estimates/time.ts';
import type { GpuPlace } from './check-spec.ts';
import type { GpuModel } from './models.ts';
import { planBatch } from './plan-batch.ts';
import type { StandardTasks } from './run-file.ts';

/** English text in the vocabularies of Llama and Qwen has about four characters a token; code and numbers fewer. */
const charactersPerToken = 3.5;
/** Assumptions until runs have measured them: start of Python and CUDA, reading of weights, answers in a batch, probe. */
const startSeconds = 45;
const loadBytesPerSecond = 1e9;
const answerBatch = 32;
export const probeSteps = 3;

/** lm-eval first reads the list of all its tasks (14 s of work on a processor, and files), then the rows of each task. */
const standardStartSeconds = 60;
const standardTaskSeconds = 5;
/** An item of a standard task: four choices behind a question of two hundred words, or an answer of sixty. */
const standardItem = { readings: 4, promptTokens: 256, answerTokens: 64, batch: 8 };

const tokensOf = (text: string): number => Math.ceil(text.length / charactersPerToken) + 1;
const meanOf = (values: number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Seconds on one slot (all its GPUs), memory per GPU, and tokens trained on, padding included. */
export function estimateRun(
  { spec, rows, asked }: { spec: RunSpec; rows: Row[] | null; asked: Asked },
  model: GpuModel,
  place: GpuPlace,
): Estimate {
  const gpu = gpus[place.gpu];
  const loadSeconds = (2 * model.shape.parameters) / loadBytesPerSecond;
  const answerTokens = Math.min(
    spec.maxNewTokens,
    // A base model that never learned to stop writes to the end.
    rows === null ? spec.maxNewTokens : meanOf(rows.map((row) => tokensOf(row.completion))) + 1,
  );
  const promptTokens =
    asked.promptTokens ??
    (rows === null ? model.maxSequenceTokens / 4 : meanOf(rows.map((row) => tokensOf(row.prompt))));
  const predicting = answerSeconds(
    model.shape,
    { prompts: asked.prompts, promptTokens, answerTokens, batch: answerBatch },
    gpu,
  );
  if (spec.training === null || rows === null) {
    const memoryBytes = 2 * model.shape.parameters + 3e9;
    return { seconds: startSeconds + loadSeconds + predicting, memoryBytes, trainTokens: 0 };
  }
  const training = trainingTime(spec, rows, { model, place, gpu });
  // Weights are read for the probe, for the training and for the answers.
  const starting = startSeconds + 3 * loadSeconds;
  return {
    seconds: starting + training.seconds + predicting,
    parts: {
      startSeconds: starting,
      stepSeconds: training.seconds / training.steps,
      steps: training.steps,
      answerSeconds: predicting,
    },
    memoryBytes: planBatch(spec.training, model, place).memoryBytes,
    trainTokens: Math.round(training.tokens),
  };
}

/** Seconds of lm-eval for one model and `tasks` single tasks: a generous assumption, because unused time is given back. */
export function standardSeconds(
  standard: StandardTasks,
  tasks: number,
  model: GpuModel,
  place: GpuPlace,
): number {
  const { readings, ...item } = standardItem;
  const gpu = gpus[place.gpu];
  const items = tasks * standard.limit;
  const reading = answerSeconds(model.shape, { ...item, prompts: items * readings, answerTokens: 0 }, gpu);
  const writing = answerSeconds(model.shape, { ...item, prompts: items }, gpu);
  const starting = standardStartSeconds + (2 * model.shape.parameters) / loadBytesPerSecond;
  return starting + tasks * standardTaskSeconds + reading + writing;
}

function trainingTime(
  spec: RunSpec,
  rows: Row[],
  { model, place, gpu }: { model: GpuModel; place: GpuPlace; gpu: Gpu },
): { seconds: number; steps: number; tokens: number } {
  const { training } = spec;
  if (training === null) throw new TrexError('bad_config', 'ours', 'Nothing is trained.');
  const { microBatch, accumulation } = planBatch(training, model, place);
  const { objective } = training;
  const answersAPrompt = objective?.kind === 'grpo' ? objective.generations : 1;
  const sequencesARow = objective?.kind === 'dpo' ? 2 : 1;
  const lengths = rows.map((row) =>
    Math.min(training.maxSequenceTokens, tokensOf(row.prompt) + tokensOf(row.completion)),
  );
  const length = paddedLength(lengths, microBatch);
  const steps = Math.ceil((rows.length * answersAPrompt * training.epochs) / training.batchSize);
  const microSteps = (steps + probeSteps) * accumulation;
  const tokens = microBatch * length * sequencesARow;
  const method = training.method === 'full' ? 'full' : training.lora?.quantized ? 'qlora' : 'lora';
  // DPO and GRPO read every token once more, with the reference or the model that sampled it: 2 N.
  const flopsPerToken = trainingFlops(method) + (objective === undefined ? 0 : 2);
  const learning = microSteps * microStepSeconds(model.shape, { method, tokens, flopsPerToken }, gpu);
  const sampled = objective?.kind === 'grpo' ? microSteps * microBatch : 0;
  const sampling = answerSeconds(
    model.shape,
    { prompts: sampled, promptTokens: length, answerTokens: spec.maxNewTokens, batch: microBatch },
    gpu,
  );
  return {
    seconds: learning + sampling,
    // The steps of the probe before the training included.
    steps: steps + probeSteps,
    tokens: tokens * accumulation * steps * place.gpus,
  };
}
