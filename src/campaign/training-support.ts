import type { MetricName } from '../scoring/types.ts';
import type { Objective, TrainingMethod } from './brief.ts';

/** What an engine can train; intake says so where a request wants more. */
export interface TrainingSupport {
  methods: readonly TrainingMethod[];
  objectives: readonly Objective[];
  /** Metrics that GRPO can reward with. */
  rewards: readonly MetricName[];
  /** What the rest would need, a sentence; null where nothing would help. */
  needs: string | null;
}

/** As people say them in a sentence. */
export const methodNames: Record<TrainingMethod, string> = {
  full: 'full fine-tuning',
  lora: 'LoRA',
  qlora: 'QLoRA',
};

export const objectiveNames: Record<Objective, string> = { sft: 'SFT', dpo: 'DPO', grpo: 'GRPO' };

/** Methods that a request gets when it names none: QLoRA saves memory and nothing else, so it is asked for. */
export const usualMethods = ({ methods }: Pick<TrainingSupport, 'methods'>): TrainingMethod[] => {
  const usual = methods.filter((method) => method !== 'qlora');
  return usual.length > 0 ? usual : [...methods];
};
