import type { ModelShape } from '../model-shape.ts';

/** Published measurements that tests compare the formulas with. */
export const qwenModels: Record<string, ModelShape> = {
  '1.8B': shape(1.84e9, 24, 2048, 5504, 151_936),
  '7B': shape(7.72e9, 32, 4096, 11_008, 151_936),
  '14B': shape(14.17e9, 40, 5120, 13_696, 152_064),
};

function shape(
  parameters: number,
  layers: number,
  hidden: number,
  feedForward: number,
  vocabulary: number,
): ModelShape {
  return { parameters, layers, hidden, feedForward, vocabulary, keyValueWidth: hidden };
}

type Row = [tokens: number, gigabytes: number, secondsPerStep: number];

/**
 * Qwen README, fine-tuning on one A100-80GB: batch 1, accumulation 8, LoRA rank 64; sequence length, GPU memory and
 * seconds a step (of eight micro-steps).
 */
export const qwenTable: { model: string; method: 'full' | 'lora' | 'qlora'; rows: Row[] }[] = [
  {
    model: '1.8B',
    method: 'lora',
    rows: [
      [256, 6.7, 1],
      [512, 7.4, 1],
      [1024, 8.4, 1.1],
      [2048, 11, 1.7],
      [4096, 16.2, 3.3],
      [8192, 21.8, 6.8],
    ],
  },
  {
    model: '1.8B',
    method: 'qlora',
    rows: [
      [256, 5.8, 1.4],
      [1024, 6.6, 1.4],
      [2048, 7.8, 2],
      [8192, 15.8, 6.5],
    ],
  },
  {
    model: '1.8B',
    method: 'full',
    rows: [
      [256, 43.5, 2.1],
      [2048, 43.5, 2.3],
      [8192, 48.3, 5.6],
    ],
  },
  {
    model: '7B',
    method: 'lora',
    rows: [
      [256, 20.1, 1.2],
      [512, 20.4, 1.5],
      [1024, 21.5, 2.8],
      [2048, 23.8, 5.2],
      [4096, 29.7, 10.1],
      [8192, 36.6, 21.3],
    ],
  },
  {
    model: '7B',
    method: 'qlora',
    rows: [
      [256, 11.5, 3],
      [1024, 12.3, 3.5],
      [2048, 13.9, 7],
      [8192, 23.5, 22.3],
    ],
  },
  {
    model: '14B',
    method: 'lora',
    rows: [
      [256, 34.6, 1.6],
      [512, 35.1, 2.4],
      [1024, 35.3, 4.4],
      [2048, 37.4, 8.4],
      [4096, 42.5, 17],
      [8192, 55.2, 36],
    ],
  },
  {
    model: '14B',
    method: 'qlora',
    rows: [
      [256, 18.7, 5.3],
      [1024, 18.9, 8.2],
      [2048, 19.9, 11.8],
      [8192, 27.9, 38.3],
    ],
  },
];

/** NVIDIA NeMo 24.12, Llama 2 on H100 with FP8: parameters, tokens a second and GPU, reported TFLOP/s. */
export const nemoTable: {
  method: 'full' | 'lora';
  parameters: number;
  tokensPerSecond: number;
  teraflops: number;
}[] = [
  { method: 'full', parameters: 6.74e9, tokensPerSecond: 16_891, teraflops: 673 },
  { method: 'full', parameters: 13.02e9, tokensPerSecond: 10_176, teraflops: 787 },
  { method: 'full', parameters: 68.98e9, tokensPerSecond: 1816, teraflops: 749 },
  { method: 'lora', parameters: 6.74e9, tokensPerSecond: 24_824, teraflops: 663 },
  { method: 'lora', parameters: 13.02e9, tokensPerSecond: 14_629, teraflops: 757 },
  { method: 'lora', parameters: 68.98e9, tokensPerSecond: 2621, teraflops: 722 },
];
