import type { RunSpec, TrainingSettings } from '../../../campaign/run-spec.ts';
import { TrexError } from '../../../lib/errors.ts';
import type { GpuName } from '../../estimates/gpus.ts';
import { problemsForLlamaFactory } from '../llamafactory/check-training.ts';
import type { GpuModel } from './models.ts';
import { type GpuReward, gpuRewards, type Trainer } from './run-file.ts';

export interface GpuPlace {
  trainer: Trainer;
  gpu: GpuName;
  /** Number of GPUs that a run takes. */
  gpus: number;
}

/** Refuses a spec that could never train, before anything is rendered. @throws TrexError `bad_config` */
export function checkSpec(spec: RunSpec, model: GpuModel, place: GpuPlace): void {
  if (spec.maxNewTokens > model.maxSequenceTokens)
    refuse(
      `Answers of ${spec.maxNewTokens} tokens do not fit into the ${model.maxSequenceTokens} of ${model.id}`,
    );
  if (spec.training !== null) for (const problem of problemsOf(spec.training, model, place)) refuse(problem);
}

export const isReward = (name: string): name is GpuReward => gpuRewards.some((reward) => reward === name);

function* problemsOf(training: TrainingSettings, model: GpuModel, place: GpuPlace): Generator<string> {
  const { method, lora, objective, precision, batchSize, maxSequenceTokens } = training;
  if (method === 'full' && lora !== null) yield 'Full fine-tuning has no LoRA rank. Take one of the two';
  if (method === 'lora' && lora === null) yield 'LoRA needs a rank, an alpha and targets';
  if (lora?.quantized && place.gpu === 'cpu')
    yield 'QLoRA needs CUDA: its 4-bit weights are computed on a GPU only';
  if (precision === 'fp16' && place.gpu === 'cpu') yield 'The precision fp16 needs a GPU. Take bf16 or fp32';
  if (maxSequenceTokens > model.maxSequenceTokens)
    yield `Rows of ${maxSequenceTokens} tokens do not fit into the ${model.maxSequenceTokens} of ${model.id}`;
  if (batchSize % place.gpus !== 0)
    yield `A batch of ${batchSize} cannot be shared by ${place.gpus} GPUs. Take a multiple of ${place.gpus}`;
  if (objective !== undefined && !training.completionOnly)
    yield `${objective.kind.toUpperCase()} learns from the completion only`;
  if (objective?.kind === 'grpo') {
    if (!isReward(objective.reward))
      yield `GRPO has no reward ${objective.reward} here. Known are ${gpuRewards.join(', ')}`;
    if (batchSize % objective.generations !== 0)
      yield `A batch of ${batchSize} answers cannot hold ${objective.generations} of every prompt. Take a multiple`;
  }
  if (place.trainer === 'llamafactory') yield* problemsForLlamaFactory(training, place.gpu === 'cpu');
}

function refuse(problem: string): never {
  throw new TrexError('bad_config', 'config', `${problem}.`);
}
