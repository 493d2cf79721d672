import { type MetricPoint, type NotFinite, notFiniteNumbers, type ReadRunFile } from './engine.ts';

const mostMetrics = 40;

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
  const entries = Object.entries(metrics as Record<string, unknown>).slice(0, mostMetrics);
  const values = entries.filter((e): e is [string, number] => Number.isFinite(e[1]));
  const notFinite = entries.filter((e): e is [string, NotFinite] => isNotFinite(e[1]));
  return { seq, step, steps, values: Object.fromEntries(values), notFinite: Object.fromEntries(notFinite) };
}

const isNotFinite = (value: unknown): value is NotFinite => notFiniteNumbers.some((name) => name === value);

/** Python writes such numbers without quotes, which no JSON parser reads. */
const quoteNotFinite = (line: string): string => line.replace(/:\s*(NaN|-?Infinity)\b/g, ':"$1"');

function parseObject(line: string): object {
  try {
    const value: unknown = JSON.parse(quoteNotFinite(line));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
