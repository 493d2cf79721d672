import type { MetricPoint, ReadRunFile } from './engine.ts';

/** Answers by item id, from predictions.<split>.jsonl: {"id","prediction"} a line. */
export async function readPredictions(read: ReadRunFile, split: string): Promise<Map<string, string>> {
  const text = (await read(`predictions.${split}.jsonl`)) ?? '';
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const { id, prediction } = JSON.parse(line) as { id: string; prediction: string };
      return [id, prediction];
    }),
  );
}

/** A line of metrics.jsonl. What a job writes is untrusted: a line that is not a metric is null. */
export function parseMetric(line: string): MetricPoint | null {
  const { seq, step, steps, metrics } = parseObject(line) as {
    [name in 'seq' | 'step' | 'steps']: number;
  } & { metrics?: object | null };
  if (![seq, step, steps].every((n) => Number.isSafeInteger(n))) return null;
  if (typeof metrics !== 'object' || metrics === null) return null;
  const values = Object.entries(metrics).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && Number.isFinite(entry[1]),
  );
  return { seq, step, steps, values: Object.fromEntries(values) };
}

function parseObject(line: string): object {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
