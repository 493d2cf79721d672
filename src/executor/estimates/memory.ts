import type { ModelShape } from './model-shape.ts';

export interface MemoryCase {
  method: 'full' | 'lora' | 'qlora';
  /** Rank of the adapters; 0 for full fine-tuning. */
  rank: number;
  /** Tokens that go through the model at once: sequences of a micro-batch times their length, padding included. */
  tokens: number;
  /** Activations are computed again in the backward pass. */
  checkpointing: boolean;
  /** Tokens whose logits are held at once. TRL's chunked loss holds 256, whatever the batch. */
  logitTokens: number;
}

const overheadBytes = 3e9;

/**
 * Bytes a training run holds on one GPU:
 * - full 18 N: float32 weights, gradients and two AdamW moments, and a bfloat16 copy (EleutherAI cookbook
 *   `calc_transformer_mem.py`: 2 + 4 + 12; LLaMA-Factory's README: 18 GB a billion); LoRA 2 N; QLoRA 0.56 a parameter
 *   outside the embeddings; adapters 16 each;
 * - activations with checkpointing 2 h L + 34 h + 6 f a token, without it L (34 h + 6 f) (Korthikanti et al.,
 *   arXiv 2205.05198, as the cookbook generalises it);
 * - logits 10 V a token; 3 GB for CUDA and fragments.
 * Against the 33 published rows of the Qwen README on an A100: LoRA 0.91 to 1.21 of the measured bytes, QLoRA 0.95 to
 * 1.26, full 0.84 to 1.04 (the test checks them).
 */
export function trainingBytes(model: ModelShape, run: MemoryCase): number {
  const { hidden: h, layers, feedForward: f, vocabulary } = model;
  const perToken = run.checkpointing ? 2 * h * layers + 34 * h + 6 * f : layers * (34 * h + 6 * f);
  return weightBytes(model, run) + run.tokens * perToken + run.logitTokens * 10 * vocabulary + overheadBytes;
}

function weightBytes(model: ModelShape, { method, rank }: MemoryCase): number {
  const { parameters, hidden, vocabulary } = model;
  if (method === 'full') return 18 * parameters;
  const embeddings = 2 * vocabulary * hidden;
  const base =
    method === 'lora' ? 2 * parameters : 0.56 * Math.max(0, parameters - embeddings) + 2 * embeddings;
  return base + 16 * adapterParameters(model, rank);
}

/** Parameters of LoRA on all linear layers: r (in + out) each; four projections of attention, three of the feed-forward. */
export function adapterParameters({ layers, hidden, feedForward }: ModelShape, rank: number): number {
  return layers * rank * (2 * hidden * 4 + 3 * (hidden + feedForward));
}
