import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRng } from '../lib/rng.ts';
import { type Calibration, costBand, learnFrom } from './estimate-cost.ts';
import { gpus } from './estimates/gpus.ts';
import { qwenModels, qwenTable } from './estimates/testing/published.ts';
import { microStepSeconds } from './estimates/time.ts';

const unmeasured: Calibration = { factor: 1, runs: 0, squaredError: null };
const bandOf = (
  calibration: Calibration,
  predicted = 100,
): { low: number; high: number; ceiling: number } => {
  const { likely, ceiling } = costBand(predicted, calibration, null);
  return {
    low: likely.low.computeSeconds,
    high: likely.high.computeSeconds,
    ceiling: ceiling.computeSeconds,
  };
};

describe('before anything was measured', () => {
  test('the band is the published one, in seconds and dollars', () => {
    const { expected, likely, ceiling } = costBand(100, unmeasured, 36);
    expect([expected, likely, ceiling]).toEqual([
      { computeSeconds: 100, usd: 1 },
      {
        low: { computeSeconds: 70, usd: expect.closeTo(0.7) },
        high: { computeSeconds: 150, usd: expect.closeTo(1.5) },
      },
      { computeSeconds: 270, usd: expect.closeTo(2.7) },
    ]);
  });

  test('it holds every published timing of LoRA and QLoRA', () => {
    const timings = qwenTable.filter(({ method }) => method !== 'full');
    const rows = timings.flatMap(({ method, model, rows }) =>
      rows.map(([tokens, , seconds]) => {
        const predicted = 8 * microStepSeconds(qwenModels[model]!, { method, tokens }, gpus['A100-80GB']);
        return { seconds, ...bandOf(unmeasured, predicted) };
      }),
    );
    expect(rows).toHaveLength(30);
    for (const { seconds, low, high } of rows) {
      expect(seconds).toBeGreaterThan(low);
      expect(seconds).toBeLessThan(high);
    }
  });
});

/** Plays runs whose time is a lognormal multiple of the prediction; `bands` are those given before each. */
function play(scale: number, deviation: number, runs: number, seed: number) {
  const rng = createRng(seed);
  let calibration = unmeasured;
  const bands = Array.from({ length: runs }, () => {
    const band = bandOf(calibration);
    const seconds = 100 * scale * Math.exp(deviation * rng.gauss());
    calibration = learnFrom(calibration, 100, seconds);
    return { isIn: seconds >= band.low && seconds <= band.high, ...band };
  });
  return { bands, calibration };
}

describe('the more was measured', () => {
  test.each([0.03, 0.1, 0.25])('the band is as wide as runs differ: by %f of the logarithm', (deviation) => {
    const widths = Array.from({ length: 60 }, (_, seed) => {
      const { low, high } = play(2.4, deviation, 60, seed).bands.at(-1)!;
      return Math.log(high / low);
    });
    // Nine in ten lie within 1.645 deviations to either side; the expected time moves a little with every run.
    const ratio = widths.reduce((sum, width) => sum + width, 0) / widths.length / (2 * 1.645 * deviation);
    expect(ratio).toBeGreaterThan(0.95);
    expect(ratio).toBeLessThan(1.2);
  });

  test('it holds about nine of ten runs, whatever the scale and the spread', () => {
    const all = [0.05, 0.1, 0.2, 0.3].flatMap((deviation) =>
      [0.3, 1, 4].flatMap((scale) =>
        Array.from({ length: 20 }, (_, seed) => play(scale, deviation, 60, seed).bands.slice(5)).flat(),
      ),
    );
    const share = all.filter(({ isIn }) => isIn).length / all.length;
    expect(share).toBeGreaterThan(0.85);
    expect(share).toBeLessThan(0.95);
  });

  test('a run that surprises widens it, and runs that do not narrow it again', () => {
    const { calibration } = play(1, 0.05, 30, 3);
    const widthOf = (one: Calibration): number => bandOf(one).high / bandOf(one).low;
    const surprised = learnFrom(calibration, 100, 260);
    expect(widthOf(surprised)).toBeGreaterThan(widthOf(calibration) * 1.3);
    let calm = surprised;
    for (let i = 0; i < 15; i++) calm = learnFrom(calm, 100, 100);
    expect(widthOf(calm)).toBeLessThan(widthOf(surprised));
  });
});

test('for any measurements: low, expected, high and ceiling in this order, and finite', () => {
  const seconds = fc.double({ min: 0.001, max: 1e7, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(seconds, seconds), { maxLength: 40 }), seconds, (runs, predicted) => {
      const learned = runs.reduce(
        (before, [expected, measured]) => learnFrom(before, expected, measured),
        unmeasured,
      );
      const { expected } = costBand(predicted, learned, null);
      const { low, high, ceiling } = bandOf(learned, predicted);
      expect(low).toBeLessThanOrEqual(expected.computeSeconds);
      expect(high).toBeGreaterThanOrEqual(expected.computeSeconds);
      expect(ceiling).toBeGreaterThanOrEqual(high);
      expect(Number.isFinite(ceiling) && low > 0).toBe(true);
    }),
  );
});
