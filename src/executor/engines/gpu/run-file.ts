/** run.json, as the runner reads it. Change its `trex_run.py` together with this. */
export interface GpuRun {
  v: 1;
  seed: number;
  /** The base model: a folder or a name of the Hub. */
  model: string;
  chat: boolean;
  device: 'cuda' | 'cpu';
  precision: 'bf16' | 'fp16' | 'fp32';
  /** Weights of an earlier run; the files beside them are needed too. */
  weights: string | null;
  train: GpuTraining | null;
  /** Only measures the pace of the training: no weights are saved. */
  probe: boolean;
  /** Standard tasks that lm-eval measures. */
  standard: StandardTasks | null;
  /** Answers go to predictions.<split>.jsonl. */
  predict: { split: string; file: string; maxNewTokens: number }[];
}

/** The trainer: TRL, or LLaMA-Factory with the configuration beside run.json. */
export type Trainer = 'trl' | 'llamafactory';

export interface StandardTasks {
  tasks: string[];
  /** Folder with a site's own tasks, where jobs run; null: only those of lm-eval. */
  folder: string | null;
  /** Maximum number of items of each task. */
  limit: number;
}

export interface GpuTraining {
  trainer: Trainer;
  file: string;
  objective:
    | { kind: 'sft'; completionOnly: boolean }
    | { kind: 'dpo'; beta: number }
    | {
        kind: 'grpo';
        beta: number;
        reward: GpuReward;
        generations: number;
        maxCompletionTokens: number;
      };
  lora: { rank: number; alpha: number; targets: 'all-linear' | string[]; quantized: boolean } | null;
  learningRate: number;
  schedule: 'cosine' | 'linear' | 'constant';
  warmupRatio: number;
  weightDecay: number;
  maxGradNorm: number;
  epochs: number;
  /** Rows that a GPU takes at once; the batch is this times accumulation times GPUs. */
  microBatch: number;
  accumulation: number;
  order: 'shuffled' | 'as_given';
  maxSequenceTokens: number;
  gradientCheckpointing: boolean;
  /** Real steps on the longest rows before the training, whose result is discarded; 0 is none. */
  probeSteps: number;
  checkpointSeconds: number;
  /** Folders with checkpoints of earlier attempts at this run. */
  resumeFrom: string[];
}

/** Rewards that the runner computes by the same rules as our metrics. */
export const gpuRewards = ['exact_match', 'accuracy', 'contains'] as const;
export type GpuReward = (typeof gpuRewards)[number];
