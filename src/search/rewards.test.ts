import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clippedRewards, normaliseRewards } from './rewards.ts';

const values = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { maxLength: 20 });

describe('rewards', () => {
  it('maps the worst to 0 and the best to 1, and all to 0.5 when they are equal', () => {
    expect(normaliseRewards([0.2, 0.6, 0.4])).toEqual([0, 1, expect.closeTo(0.5, 12)]);
    expect(normaliseRewards([0.7, 0.7])).toEqual([0.5, 0.5]);
    expect(normaliseRewards([])).toEqual([]);
  });

  it('spreads good nodes out although the baseline is far below', () => {
    const [baseline, a, b, c, best] = clippedRewards([0, 0.9, 0.92, 0.94, 0.96]);
    expect([baseline, a, b, best]).toEqual([0, 0, 0, 1]);
    expect(c).toBeCloseTo(0.5, 9);
    expect(clippedRewards([0.1, 0.9, 0.9, 0.9])).toEqual([0, 1, 1, 1]);
  });

  it('stays in [0, 1] and never turns the order round', () => {
    for (const rewards of [normaliseRewards, clippedRewards]) {
      fc.assert(
        fc.property(values, (raw) => {
          const normalised = rewards(raw);
          normalised.forEach((reward, i) => {
            expect(reward >= 0 && reward <= 1).toBe(true);
            normalised.forEach((other, j) => {
              if (raw[i]! < raw[j]!) expect(reward).toBeLessThanOrEqual(other);
            });
          });
        }),
        { seed: 1 },
      );
    }
  });
});
