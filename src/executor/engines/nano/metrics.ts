import { closeSync, openSync, writeSync } from 'node:fs';

/** One line of metrics.jsonl. Numbers that JSON cannot hold are the texts NaN, Infinity and -Infinity. */
export interface MetricLine {
  v: 1;
  seq: number;
  /** Seconds since 1970. */
  t: number;
  step: number;
  steps: number;
  /** Positions trained on so far, padding not counted. */
  tokens: number;
  metrics: Record<'loss' | 'grad_norm' | 'learning_rate' | 'tokens_per_second', number | string>;
}

export interface StepMetrics {
  step: number;
  steps: number;
  tokens: number;
  loss: number;
  gradNorm: number;
  learningRate: number;
  /** Whether this is the last step of the run, whose line is always written. */
  isLast: boolean;
}

const shortestGapMs = 100;

/** Appends at most ten lines a second; the first and the last step always get one. */
export function openMetrics(path: string): { write(step: StepMetrics): void; close(): void } {
  const file = openSync(path, 'a');
  let seq = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  let last = { atMs: performance.now(), tokens: 0 };
  return {
    write: ({ step, steps, tokens, loss, gradNorm, learningRate, isLast }) => {
      const nowMs = performance.now();
      if (!isLast && step > 1 && nowMs - lastMs < shortestGapMs) return;
      const tokensPerSecond = ((tokens - last.tokens) * 1000) / Math.max(1, nowMs - last.atMs);
      last = { atMs: nowMs, tokens };
      lastMs = nowMs;
      const line: MetricLine = {
        v: 1,
        seq: seq++,
        t: Date.now() / 1000,
        step,
        steps,
        tokens,
        metrics: {
          loss: jsonNumber(loss),
          grad_norm: jsonNumber(gradNorm),
          learning_rate: jsonNumber(learningRate),
          tokens_per_second: jsonNumber(Math.round(tokensPerSecond)),
        },
      };
      writeSync(file, `${JSON.stringify(line)}\n`);
    },
    close: () => closeSync(file),
  };
}

function jsonNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
