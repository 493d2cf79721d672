import type { Gpu } from './gpus.ts';
import type { ModelShape } from './model-shape.ts';

/** Share of the peak, model FLOPs only: Hugging Face trainers, bfloat16, at least 1,000 tokens a micro-step. */
const utilisation = 0.3;
const secondsPerLayer = 0.005;
const unpackSecondsPerBillion = 0.03;
const unpackMeasuredOn = 312e12;

/**
 * Seconds of one forward and backward pass: max(5 ms a layer, c N tokens / (peak × 0.30)), and for QLoRA the time to
 * unpack 4-bit weights (30 ms a billion parameters on an A100). c is 6 FLOPs a parameter and token for full
 * fine-tuning and 4 for adapters, whose base needs no weight gradients.
 * Sources: NVIDIA NeMo 24.12 performance table, where c N tokens/s gives its own TFLOP/s within 2 %; Qwen README on an
 * A100: LoRA 0.76 to 1.18 of the measured seconds, QLoRA 0.86 to 1.30 (the tests check both).
 */
export function microStepSeconds(
  model: Pick<ModelShape, 'parameters' | 'layers'>,
  run: { method: 'full' | 'lora' | 'qlora'; tokens: number; flopsPerToken?: number },
  gpu: Pick<Gpu, 'peakFlops'>,
): number {
  const flops = (run.flopsPerToken ?? trainingFlops(run.method)) * model.parameters * run.tokens;
  const compute = Math.max(secondsPerLayer * model.layers, flops / (gpu.peakFlops * utilisation));
  const unpack =
    run.method === 'qlora'
      ? (unpackSecondsPerBillion * model.parameters * unpackMeasuredOn) / 1e9 / gpu.peakFlops
      : 0;
  return compute + unpack;
}

/** FLOPs a parameter and token of a training step. */
export const trainingFlops = (method: 'full' | 'lora' | 'qlora'): number => (method === 'full' ? 6 : 4);

const prefillUtilisation = 0.4;
const decodeUtilisation = 0.5;

/**
 * Seconds to answer prompts in batches: reading at 2 N FLOPs a token with 0.4 of the peak; writing at
 * batch × bandwidth × 0.5 / (2 N + batch × context × bytes of keys and values) tokens a second, because memory limits
 * it. Both shares are assumptions, corrected by measured runs.
 */
export function answerSeconds(
  model: ModelShape,
  asked: { prompts: number; promptTokens: number; answerTokens: number; batch: number },
  gpu: Gpu,
): number {
  const { prompts, promptTokens, answerTokens, batch } = asked;
  const reading = (prompts * promptTokens * 2 * model.parameters) / (gpu.peakFlops * prefillUtilisation);
  const keyValueBytes = 2 * 2 * model.layers * model.keyValueWidth;
  const context = promptTokens + answerTokens;
  const tokensPerSecond =
    (batch * gpu.bandwidth * decodeUtilisation) / (2 * model.parameters + batch * context * keyValueBytes);
  return reading + (prompts * answerTokens) / tokensPerSecond;
}

/** Mean over batches of `size` random rows of the longest length among them: the length of every row after padding. */
export function paddedLength(lengths: readonly number[], size: number): number {
  const sorted = [...lengths].sort((a, b) => a - b);
  const n = sorted.length;
  return sorted.reduce((sum, length, i) => sum + length * (((i + 1) / n) ** size - (i / n) ** size), 0);
}
