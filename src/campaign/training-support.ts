import type { MetricName } from '../scoring/types.ts';
import type { Objective, TrainingMethod } from './brief.ts';

/** The abilities of an engine; intake announces where a request needs more. */
export interface TrainingSupport {
  methods: readonly TrainingMethod[];
  objectives: readonly Objective[];
  /** Metrics that GRPO can reward with. */
  rewards: readonly MetricName[];
  /** The requirement of the unsupported methods, as a sentence; null where nothing would help. */
  needs: string | null;
}

/** As people say them in a sentence. */
export const methodNames: Record<TrainingMethod, string> = {
  full: 'full fine-tuning',
  lora: 'LoRA',
  qlora: 'QLoRA',
};

export const objectiveNames: Record<Objective, string> = { sft: 'SFT', dpo: 'DPO', grpo: 'GRPO' };

/** Methods of a request that names none: QLoRA saves memory and nothing else, so it has to be asked for. */
export const usualMethods = ({ methods }: Pick<TrainingSupport, 'methods'>): TrainingMethod[] => {
  const usual = methods.filter((method) => method !== 'qlora');
  return usual.length > 0 ? usual : [...methods];
};
