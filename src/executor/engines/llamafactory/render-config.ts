import type { GpuRun, GpuTraining } from '../gpu/run-file.ts';

/** Settings under LLaMA-Factory's own names; it refuses any other name. */
type Settings = Record<string, string | number | boolean>;

/**
 * llamafactory.yaml: a run as LLaMA-Factory reads it, a setting a line. Rows are tokens already when it starts
 * (`tokenized_path`), made by the code that also encodes prompts for predicting, so its templates are not used.
 */
export function renderConfig(run: GpuRun, train: GpuTraining): string {
  const { objective, lora } = train;
  const settings: Settings = {
    model_name_or_path: run.model,
    stage: objective.kind,
    do_train: true,
    ...(objective.kind === 'dpo' ? { pref_loss: 'sigmoid', pref_beta: objective.beta } : {}),
    ...(objective.kind === 'sft' ? { train_on_prompt: !objective.completionOnly } : {}),
    ...(lora === null ? { finetuning_type: 'full' } : loraSettings(lora)),
    disable_gradient_checkpointing: !train.gradientCheckpointing,

    dataset: 'train',
    tokenized_path: 'checkpoints/tokens',
    template: 'empty',
    cutoff_len: train.maxSequenceTokens,
    disable_shuffling: train.order === 'as_given',

    learning_rate: train.learningRate,
    lr_scheduler_type: train.schedule === 'constant' ? 'constant_with_warmup' : train.schedule,
    warmup_steps: train.warmupRatio,
    weight_decay: train.weightDecay,
    max_grad_norm: train.maxGradNorm,
    num_train_epochs: train.epochs,
    per_device_train_batch_size: train.microBatch,
    gradient_accumulation_steps: train.accumulation,
    bf16: run.precision === 'bf16',
    fp16: run.precision === 'fp16',
    use_cpu: run.device === 'cpu',
    seed: run.seed,

    output_dir: 'checkpoints',
    logging_steps: 1,
    logging_nan_inf_filter: false,
    disable_tqdm: true,
    save_strategy: 'no',
    save_total_limit: 2,
    report_to: 'none',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `${lines.join('\n')}\n`;
}

function loraSettings({ rank, alpha, targets, quantized }: NonNullable<GpuTraining['lora']>): Settings {
  return {
    finetuning_type: 'lora',
    lora_rank: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    lora_target: targets === 'all-linear' ? 'all' : targets.join(','),
    ...(quantized ? { quantization_bit: 4, quantization_type: 'nf4', double_quantization: true } : {}),
  };
}
