import type { TrainingSettings } from '../../../campaign/run-spec.ts';

/**
 * Settings that LLaMA-Factory does not support, beside those that no trainer does. On GPUs it computes in the precision
 * of the stored weights where neither bf16 nor fp16 is set, whatever the run's precision is.
 */
export function* problemsForLlamaFactory(training: TrainingSettings, isCpu: boolean): Generator<string> {
  const { lora, objective, precision } = training;
  if (objective?.kind === 'grpo') yield 'LLaMA-Factory has no GRPO. Set TREX_TRAINER=trl for it';
  if (precision === 'fp32' && !isCpu) yield 'LLaMA-Factory trains in bf16 or fp16 on GPUs, not in fp32';
  if (lora !== null && !Number.isInteger(lora.alpha))
    yield `LLaMA-Factory takes whole numbers for the alpha of LoRA, not ${lora.alpha}`;
}
