import { describe, expect, test } from 'vitest';
import { gpus } from './gpus.ts';
import { trainingBytes } from './memory.ts';
import { nemoTable, qwenModels, qwenTable } from './testing/published.ts';
import { answerSeconds, microStepSeconds, paddedLength, trainingFlops } from './time.ts';

const a100 = gpus['A100-80GB'];

/** Predicted over measured, for every row of a method. */
function ratios(method: 'full' | 'lora' | 'qlora', side: 'seconds' | 'bytes'): number[] {
  return qwenTable
    .filter((part) => part.method === method)
    .flatMap(({ model, rows }) =>
      rows.map(([tokens, gigabytes, seconds]) => {
        const shape = qwenModels[model]!;
        if (side === 'seconds') return (8 * microStepSeconds(shape, { method, tokens }, a100)) / seconds;
        const rank = method === 'full' ? 0 : 64;
        const held = { method, rank, tokens, checkpointing: true, logitTokens: tokens };
        return trainingBytes(shape, held) / 1e9 / gigabytes;
      }),
    );
}

const geometricMean = (values: number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

describe('against the Qwen README on an A100', () => {
  test.each([
    ['lora', 18, 0.76, 1.18, 0.98],
    ['qlora', 12, 0.86, 1.3, 1.03],
  ] as const)(
    '%s: time of %d rows lies between %f and %f of what was measured',
    (method, rows, low, high, mean) => {
      const all = ratios(method, 'seconds');
      expect(all).toHaveLength(rows);
      expect(Math.min(...all)).toBeGreaterThan(low - 0.01);
      expect(Math.max(...all)).toBeLessThan(high + 0.01);
      expect(geometricMean(all)).toBeCloseTo(mean, 1);
    },
  );

  test.each([
    ['lora', 0.91, 1.21],
    ['qlora', 0.95, 1.26],
    ['full', 0.84, 1.04],
  ] as const)('%s: memory lies between %f and %f of what was measured', (method, low, high) => {
    const all = ratios(method, 'bytes');
    expect(Math.min(...all)).toBeGreaterThan(low - 0.01);
    expect(Math.max(...all)).toBeLessThan(high + 0.01);
  });
});

test('six FLOPs a parameter and token for full fine-tuning and four for LoRA give the rates of NeMo within 2 %', () => {
  for (const { method, parameters, tokensPerSecond, teraflops } of nemoTable) {
    const ours = (trainingFlops(method) * parameters * tokensPerSecond) / 1e12;
    expect(Math.abs(ours / teraflops - 1)).toBeLessThan(0.02);
  }
});

test('18 million tokens of LoRA on a 7.7B model take about half an hour of an H100', () => {
  const shape = qwenModels['7B']!;
  const seconds = microStepSeconds(
    { ...shape, parameters: 7.7e9 },
    { method: 'lora', tokens: 18e6 },
    gpus.H100,
  );
  expect(seconds).toBeCloseTo(1870, -1);
});

test('answers are written faster in larger batches, and never faster than the memory allows', () => {
  const asked = { prompts: 400, promptTokens: 100, answerTokens: 50 };
  const one = answerSeconds(qwenModels['7B']!, { ...asked, batch: 1 }, gpus.H100);
  const many = answerSeconds(qwenModels['7B']!, { ...asked, batch: 32 }, gpus.H100);
  expect(many).toBeLessThan(one / 10);
  // 20,000 tokens, each of which reads 15.4 GB of weights at half of 3.35 TB/s.
  expect(one).toBeGreaterThan((20_000 * 15.44e9) / (3.35e12 * 0.5));
});

test('padding makes every row as long as the longest of its batch', () => {
  expect(paddedLength([10, 10, 10], 4)).toBeCloseTo(10);
  expect(paddedLength([10, 20], 1)).toBeCloseTo(15);
  // Of two draws from two lengths, three in four hold the longer one.
  expect(paddedLength([10, 20], 2)).toBeCloseTo(17.5);
});
