import type { TrainingSettings } from '../campaign/run-spec.ts';

/** Settings in a line for people: `full, lr 5e-4, batch 8, 1 epoch`. */
export function summariseTraining(training: TrainingSettings | null): string {
  if (training === null) return 'untrained base model';
  const { lora, objective } = training;
  const method =
    training.method === 'lora' ? `${lora?.quantized ? 'QLoRA' : 'LoRA'} r${lora?.rank ?? '?'}` : 'full';
  const epochs = training.epochs === 1 ? '1 epoch' : `${training.epochs} epochs`;
  const parts = [method, `lr ${formatRate(training.learningRate)}`, `batch ${training.batchSize}`, epochs];
  if (objective !== undefined) parts.unshift(objective.kind.toUpperCase());
  if (training.schedule !== 'cosine') parts.push(training.schedule);
  if (!training.completionOnly) parts.push('loss on prompt too');
  if (training.precision === 'fp16') parts.push('fp16');
  return parts.join(', ');
}

/** Kind of runs with similar speed, the key of measured speeds: `none`, `full`, `lora`, `qlora`, `lora-dpo`. */
export function kindOfTraining(training: TrainingSettings | null): string {
  if (training === null) return 'none';
  const method = training.lora?.quantized ? 'qlora' : training.method;
  return training.objective === undefined ? method : `${method}-${training.objective.kind}`;
}

/** 0.0005 → `5e-4`; 0.5 → `0.5`. */
function formatRate(rate: number): string {
  return rate >= 0.1 ? String(rate) : rate.toExponential().replace(/\.?0+e/, 'e');
}
