import { expect, test } from 'vitest';
import type { Worth } from '../../campaign/worth.ts';
import { worthText } from './worth.ts';

const minutes = (count: number) => ({ computeSeconds: count * 60, usd: 0 });
const whole = { expected: minutes(25), rows: 4000, epochs: 1 };
const worth: Worth = {
  nodes: { low: 7, high: 14 },
  node: whole,
  whole,
  baseline: minutes(3),
  kept: minutes(40),
  isMeasured: true,
  raise: null,
};

test('a budget is told in nodes and what is kept for the end', () => {
  expect(worthText(worth)).toBe(
    'This buys about 7 to 14 nodes, the first of 25 min, with 40 min kept for the end.',
  );
});

test('a price that is a formula is called an estimate', () => {
  expect(worthText({ ...worth, nodes: { low: 1, high: 1 }, isMeasured: false })).toBe(
    'This buys about 1 node of 25 min, with 40 min kept for the end (my estimate, not measured yet).',
  );
});

test('dollars are told where an hour has a price', () => {
  const node = { ...whole, expected: { computeSeconds: 1500, usd: 3.2 } };
  expect(worthText({ ...worth, node, whole: node })).toContain('14 nodes, the first of 25 min ($3.20)');
});

test('where no whole run fits, the smaller one is told, and what would be enough for a whole one', () => {
  const node = { expected: minutes(12), rows: 60, epochs: 1 };
  const reduced = {
    ...worth,
    nodes: { low: 1, high: 1 },
    node,
    whole: { expected: minutes(55), rows: 240, epochs: 4 },
    raise: { computeSeconds: 3 * 3600, usd: null },
  };
  expect(worthText(reduced)).toBe(
    'A run on 240 rows for 4 epochs takes about 55 min, more than this budget holds. I would train on 60 rows for 1 epoch instead: about 1 node of 12 min, with 40 min kept for the end. 3 h would be enough for a whole one.',
  );
});

test('a budget that trains nothing says so, with what everything takes', () => {
  const none = { ...worth, nodes: { low: 0, high: 0 }, raise: { computeSeconds: 5400, usd: null } };
  expect(worthText(none)).toBe(
    'This budget trains nothing: the untrained model takes about 3 min, a run on 4,000 rows for 1 epoch about 25 min, and 40 min is kept for the end. 1.5 h would be enough for a whole one.',
  );
  // A formula said 54 s a step of a 270M model on a processor; it takes 4.
  expect(worthText({ ...none, isMeasured: false, isProbed: true })).toBe(
    'By my formula this budget trains nothing: a run on 4,000 rows for 1 epoch takes about 25 min, and 40 min is kept for the end. Nobody has checked the formula here: I measure a few real steps first, and train less where that is what fits. 1.5 h would be enough for a whole one.',
  );
  expect(worthText({ ...none, isProbed: true })).toMatch(/^This budget trains nothing/);
});
