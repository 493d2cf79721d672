/** run.json, as the runner reads it. A change here is a change in its `trex_run.py`. */
export interface GpuRun {
  v: 1;
  seed: number;
  /** Of the base model: a folder or a name of the Hub. */
  model: string;
  chat: boolean;
  device: 'cuda' | 'cpu';
  precision: 'bf16' | 'fp16' | 'fp32';
  /** Weights of an earlier run; what lies beside them is needed too. */
  weights: string | null;
  train: GpuTraining | null;
  /** Only the pace of the training is wanted: no weights are saved. */
  probe: boolean;
  /** Standard tasks that lm-eval measures. */
  standard: StandardTasks | null;
  /** Answers go to predictions.<split>.jsonl. */
  predict: { split: string; file: string; maxNewTokens: number }[];
}

/** What trains: TRL, or LLaMA-Factory by the configuration beside run.json. */
export type Trainer = 'trl' | 'llamafactory';

export interface StandardTasks {
  tasks: string[];
  /** Folder with tasks of one's own, where jobs run; null: those of lm-eval alone. */
  folder: string | null;
  /** Items of each, at most. */
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
  /** Rows a GPU takes at once; times accumulation, times GPUs, is the batch. */
  microBatch: number;
  accumulation: number;
  order: 'shuffled' | 'as_given';
  maxSequenceTokens: number;
  gradientCheckpointing: boolean;
  /** Real steps on the longest rows, thrown away, before the training begins; 0 is none. */
  probeSteps: number;
  checkpointSeconds: number;
  /** Folders with checkpoints of earlier attempts. */
  resumeFrom: string[];
}

/** Rewards that the runner computes by the same rules as our metrics. */
export const gpuRewards = ['exact_match', 'accuracy', 'contains'] as const;
export type GpuReward = (typeof gpuRewards)[number];
