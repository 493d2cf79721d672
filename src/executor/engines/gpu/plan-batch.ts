import type { TrainingSettings } from '../../../campaign/run-spec.ts';
import { gpus } from '../../estimates/gpus.ts';
import { trainingBytes } from '../../estimates/memory.ts';
import type { GpuPlace } from './check-spec.ts';
import type { GpuModel } from './models.ts';

export interface BatchPlan {
  /** Number of sequences that a GPU takes at once. */
  microBatch: number;
  accumulation: number;
  memoryBytes: number;
}

/** A micro-batch may use this share of the memory: formulas miss by up to a fifth. */
const comfortableShare = 0.8;
/** TRL's chunked loss of SFT holds the logits of this many tokens at once; LLaMA-Factory's holds all of a micro-batch. */
const chunkTokens = 256;

/** The largest micro-batch that fits with room to spare; one row where none does, and the memory gate decides. */
export function planBatch(training: TrainingSettings, model: GpuModel, place: GpuPlace): BatchPlan {
  const rows = training.batchSize / place.gpus;
  const room = gpus[place.gpu].memoryBytes * comfortableShare;
  const sizes = Array.from({ length: rows }, (_, i) => rows - i).filter((size) => rows % size === 0);
  const plan = (microBatch: number): BatchPlan => ({
    microBatch,
    accumulation: rows / microBatch,
    memoryBytes: bytesOf(training, model, place, microBatch),
  });
  return sizes.map(plan).find(({ memoryBytes }) => memoryBytes <= room) ?? plan(1);
}

/**
 * Bytes on one GPU. DPO takes both answers of a pair at once, keeps all their logits, and holds a second copy of the
 * weights in full fine-tuning; GRPO keeps the logits of its answers. Several GPUs each hold all this, and buckets of
 * gradients (4 bytes a trained parameter, PyTorch DDP): a model that one GPU cannot hold is not trained here.
 */
function bytesOf(training: TrainingSettings, model: GpuModel, place: GpuPlace, microBatch: number): number {
  const kind = training.objective?.kind ?? 'sft';
  const tokens = microBatch * training.maxSequenceTokens * (kind === 'dpo' ? 2 : 1);
  const isFull = training.method === 'full';
  const { parameters } = model.shape;
  const isChunked = kind === 'sft' && place.trainer === 'trl';
  const base = trainingBytes(model.shape, {
    method: isFull ? 'full' : training.lora?.quantized ? 'qlora' : 'lora',
    rank: training.lora?.rank ?? 0,
    tokens,
    checkpointing: place.gpu !== 'cpu',
    logitTokens: isChunked ? Math.min(tokens, chunkTokens) : tokens,
  });
  const reference = kind === 'dpo' && isFull ? 4 * parameters : 0;
  const buckets = place.gpus > 1 && isFull ? 4 * parameters : 0;
  return base + reference + buckets;
}
