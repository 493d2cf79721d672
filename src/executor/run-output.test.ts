import { expect, test } from 'vitest';
import { parseMetric } from './run-output.ts';

const line = (metrics: object): string => JSON.stringify({ v: 1, seq: 3, step: 4, steps: 9, metrics });

test('a loss that is no number is told apart from one that is missing', () => {
  expect(parseMetric(line({ loss: 'NaN', grad_norm: '-Infinity', learning_rate: 1e-3 }))).toEqual({
    seq: 3,
    step: 4,
    steps: 9,
    values: { learning_rate: 1e-3 },
    notFinite: { loss: 'NaN', grad_norm: '-Infinity' },
  });
  expect(parseMetric(line({ learning_rate: 1e-3 }))?.notFinite).toEqual({});
});

test('numbers as Python prints them are read', () => {
  expect(parseMetric(line({ loss: 'nan', grad_norm: '-inf' }))?.notFinite).toEqual({
    loss: 'NaN',
    grad_norm: '-Infinity',
  });
  const printed = '{"seq": 0, "step": 1, "steps": 2, "metrics": {"loss": NaN, "grad_norm": -Infinity}}';
  expect(parseMetric(printed)).toMatchObject({
    values: {},
    notFinite: { loss: 'NaN', grad_norm: '-Infinity' },
  });
});

test('what is no metric is nothing, and of a line without end only so much is kept', () => {
  for (const other of ['', 'Infinity', '{"seq":0}', '[]', '{"seq":0,"step":"1","steps":2,"metrics":{}}', 'x'])
    expect(parseMetric(other)).toBeNull();
  expect(parseMetric(line({ loss: 'soon', note: null }))).toMatchObject({ values: {}, notFinite: {} });
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`m${i}`, i]));
  expect(Object.keys(parseMetric(line(many))?.values ?? {}).length).toBeLessThan(100);
});
