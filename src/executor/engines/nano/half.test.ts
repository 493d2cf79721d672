import { expect, it } from 'vitest';
import { createRng } from '../../../lib/rng.ts';
import { fromHalf, toHalf } from './half.ts';

it.each([
  [0, 0],
  [1, 1],
  [-2.5, -2.5],
  [65_504, 65_504],
  [1e6, Number.POSITIVE_INFINITY],
  [2 ** -24, 2 ** -24],
  [1e-9, 0],
  [1 + 2 ** -11, 1],
  [1 + 3 * 2 ** -11, 1 + 2 ** -9],
  [1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
])('%d becomes %d', (value, expected) => {
  expect(fromHalf(toHalf(Float32Array.of(value)))[0]).toBe(expected);
});

it('keeps NaN, and what has been rounded once', () => {
  expect(fromHalf(toHalf(Float32Array.of(Number.NaN)))[0]).toBeNaN();
  const rng = createRng(1);
  const rounded = fromHalf(toHalf(Float32Array.from({ length: 1000 }, () => rng.gauss())));
  expect(fromHalf(toHalf(rounded))).toEqual(rounded);
});

it('refuses half a number', () => {
  expect(() => fromHalf(new Uint8Array(3))).toThrow('not 3');
});
