import { describe, expect, it } from 'vitest';
import { createDivergenceWatch } from './divergence.ts';
import { learningRateAt, type Schedule } from './schedule.ts';

const rates = (schedule: Schedule, warmupRatio: number): number[] =>
  Array.from({ length: 100 }, (_, step) =>
    learningRateAt(step, 100, { learningRate: 1, schedule, warmupRatio }),
  );

describe('learning rate', () => {
  it('rises over the warm-up and peaks at its end', () => {
    const cosine = rates('cosine', 0.1);
    expect(cosine[0]).toBeCloseTo(0.1);
    expect(cosine.indexOf(Math.max(...cosine))).toBe(9);
  });

  it('ends near 5 % of the peak, or stays', () => {
    expect(rates('cosine', 0).at(-1)).toBeCloseTo(0.05, 2);
    expect(rates('linear', 0).at(-1)).toBeCloseTo(0.0595, 3);
    expect(rates('linear', 0)[50]).toBeCloseTo(0.525, 3);
    expect(new Set(rates('constant', 0))).toEqual(new Set([1]));
  });
});

/** The step at which the watch calls a run of these losses diverged. */
function divergedAt(loss: (step: number) => number, steps = 200): number | undefined {
  const watch = createDivergenceWatch(steps, 10);
  for (let step = 1; step <= steps; step++) if (watch(step, loss(step)) !== undefined) return step;
  return undefined;
}

describe('divergence watch', () => {
  it('stops a loss that stays far above its start', () => {
    expect(divergedAt((step) => (step <= 12 ? 2.4 : 30))).toBe(32);
  });

  it('stops a loss that jumped and settled where it began', () => {
    expect(divergedAt((step) => (step <= 12 ? 2.4 : step < 20 ? 8 : 2.3))).toBe(65);
  });

  it('speaks at the last step when the run ends before the patience does', () => {
    expect(divergedAt((step) => (step <= 12 ? 2.4 : step < 20 ? 8 : 2.3), 40)).toBe(40);
  });

  it('leaves a noisy loss that falls alone, and one that recovers', () => {
    expect(divergedAt((step) => 2.4 / Math.sqrt(step) + (step % 2))).toBeUndefined();
    expect(divergedAt((step) => (step <= 12 ? 2.4 : step < 20 ? 8 : 1))).toBeUndefined();
  });
});
