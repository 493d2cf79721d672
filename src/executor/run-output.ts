import type { MetricPoint, ReadRunFile } from './engine.ts';

const maxMetrics = 40;

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

/** A line of metrics.jsonl. The output of a job is untrusted: a line that is not a metric is null. */
export function parseMetric(line: string): MetricPoint | null {
  const { seq, step, steps, metrics } = parseObject(line) as {
    [name in 'seq' | 'step' | 'steps']: number;
  } & { metrics?: object | null };
  if (![seq, step, steps].every((n) => Number.isSafeInteger(n))) return null;
  if (typeof metrics !== 'object' || metrics === null) return null;
  const entries = Object.entries(metrics as Record<string, unknown>).slice(0, maxMetrics);
  const values = entries.filter((e): e is [string, number] => Number.isFinite(e[1]));
  const notFinite = entries.flatMap(([name, value]) => {
    const known = typeof value === 'string' ? notFiniteNumbers.get(value) : undefined;
    return known === undefined ? [] : [[name, known] as const];
  });
  return { seq, step, steps, values: Object.fromEntries(values), notFinite: Object.fromEntries(notFinite) };
}

/** Numbers that are not finite, as JavaScript and Python write them. */
const notFiniteNumbers = new Map([
  ['NaN', 'NaN'],
  ['nan', 'NaN'],
  ['Infinity', 'Infinity'],
  ['inf', 'Infinity'],
  ['-Infinity', '-Infinity'],
  ['-inf', '-Infinity'],
] as const) as ReadonlyMap<string, MetricPoint['notFinite'][string]>;

/** Quotes numbers that are not finite: Python's JSON has them without quotes, which no other parser reads. */
const quoteNotFinite = (line: string): string => line.replace(/:\s*(NaN|-?Infinity)\b/g, ':"$1"');

function parseObject(line: string): object {
  try {
    const value: unknown = JSON.parse(quoteNotFinite(line));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
