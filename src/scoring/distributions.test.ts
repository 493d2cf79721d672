import { describe, expect, it } from 'vitest';
import { logGamma, signTest, studentT95, studentTail } from './distributions.ts';

describe('distributions', () => {
  it('logGamma gives factorials', () => {
    expect(Math.exp(logGamma(6))).toBeCloseTo(120, 9);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
  });

  it('studentT95 agrees with the printed table', () => {
    const table = [
      [1, 12.7062],
      [2, 4.3027],
      [5, 2.5706],
      [10, 2.2281],
      [30, 2.0423],
      [399, 1.9659],
    ] as const;
    for (const [degrees, t] of table) expect(studentT95(degrees)).toBeCloseTo(t, 4);
    expect(studentTail(0, 7)).toBe(1);
  });

  it('signTest is the exact binomial test', () => {
    expect(signTest(0, 0)).toBe(1);
    expect(signTest(5, 5)).toBe(1);
    // 2 * (1 + 10 + 45) / 1024
    expect(signTest(8, 2)).toBeCloseTo(112 / 1024, 12);
    expect(signTest(31, 11)).toBeCloseTo(0.0028872, 7);
    expect(signTest(3000, 2700)).toBeGreaterThan(0);
  });
});
