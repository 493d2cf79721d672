import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pulse, StopReason } from '../campaign/run-watch.ts';
import type { MetricPoint } from './engine.ts';
import { createNanoEngine } from './nano-engine.ts';
import { parseMetric } from './run-output.ts';
import { foldMetrics, judgeRun, projectedEnd, watchLimits } from './watch-run.ts';

const training = { ...createNanoEngine().defaultTraining(), warmupRatio: 0 };
const minutes = (count: number): number => count * 60;

/** A line as an engine writes it, read as one. */
const point = (
  step: number,
  steps: number,
  metrics: Record<string, number | string> = { loss: 1 },
): MetricPoint => parseMetric(JSON.stringify({ seq: step - 1, step, steps, metrics })) as MetricPoint;

interface Lines {
  /** Number of lines on disk after `seconds`. */
  written: (seconds: number) => number;
  line: (index: number) => MetricPoint;
}

interface Watched {
  lookEverySeconds?: number;
  limitSeconds?: number;
  settings?: Partial<typeof training>;
  lines: Lines;
}

/** Polls a run until the watchdog ends it, or to its ceiling. */
function watch({ lookEverySeconds = 30, limitSeconds = minutes(60), settings = {}, lines }: Watched): {
  at: number;
  reason: StopReason | null;
} {
  let pulse: Pulse | null = null;
  let read = 0;
  let lastRunSeconds = 0;
  for (let at = 0; at <= limitSeconds; at += lookEverySeconds) {
    const points = Array.from({ length: lines.written(at) - read }, (_, i) => lines.line(read + i));
    read += points.length;
    const look = { runSeconds: at, lastRunSeconds, points, isBehind: false };
    pulse = foldMetrics(pulse, look, { ...training, ...settings });
    lastRunSeconds = at;
    const reason = judgeRun({ pulse, runSeconds: at, limitSeconds });
    if (reason !== null) return { at, reason };
  }
  return { at: limitSeconds, reason: null };
}

/** A step every `everySeconds`, after a minute. */
const steady = (
  everySeconds: number,
  steps: number,
  metrics?: (step: number) => Record<string, number | string>,
): Lines => ({
  written: (seconds) => Math.max(0, Math.min(steps, Math.floor((seconds - 60) / everySeconds))),
  line: (index) => point(index + 1, steps, metrics?.(index + 1)),
});

const nothing: Lines = { written: () => 0, line: () => point(1, 1) };

describe('a run is left alone', () => {
  test('from its first line to its last, and while it saves and answers afterwards', () => {
    expect(watch({ lines: steady(5, 240) }).reason).toBeNull();
  });

  test('while it is short, whatever it does: its ceiling ends it', () => {
    const line = fc.record({
      step: fc.integer({ min: 1, max: 100 }),
      loss: fc.oneof(fc.double({ min: -5, max: 1e6, noNaN: true }), fc.constantFrom('NaN', 'Infinity')),
      use: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 59 }), line), { maxLength: 60 }),
        fc.integer({ min: 5, max: 59 }),
        (written, limitSeconds) => {
          const sorted = [...written].sort(([a], [b]) => a - b);
          const lines: Lines = {
            written: (seconds) => sorted.filter(([at]) => at <= seconds).length,
            line: (index) => {
              const { step, loss, use } = sorted[index]![1];
              return point(step, 100, use === undefined ? { loss } : { loss, gpu_utilization: use });
            },
          };
          expect(watch({ lookEverySeconds: 1, limitSeconds, lines }).reason).toBeNull();
        },
      ),
      { numRuns: 200 },
    );
  });

  test('at any steady pace that its ceiling holds, from wherever it goes on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 400 }),
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 5, max: 60 }),
        fc.integer({ min: 0, max: 300 }),
        (steps, everySeconds, lookEverySeconds, firstStep) => {
          const limitSeconds = steps * everySeconds + minutes(2);
          const { written, line } = steady(everySeconds, steps);
          const lines: Lines = {
            written,
            line: (index) => ({ ...line(index), step: index + 1 + firstStep, steps: steps + firstStep }),
          };
          expect(watch({ lookEverySeconds, limitSeconds, lines }).reason).toBeNull();
        },
      ),
      { numRuns: 100 },
    );
  });

  test('when nobody looked for hours: what was not watched counts for nothing', () => {
    let pulse = foldMetrics(
      null,
      { runSeconds: 100, lastRunSeconds: 90, points: [point(1, 50)], isBehind: false },
      training,
    );
    pulse = foldMetrics(
      pulse,
      { runSeconds: 200, lastRunSeconds: 100, points: [point(11, 50)], isBehind: false },
      training,
    );
    const later = { runSeconds: 30_000, lastRunSeconds: 200, points: [], isBehind: false };
    pulse = foldMetrics(pulse, later, training);
    expect(judgeRun({ pulse, runSeconds: 30_000, limitSeconds: 50_000 })).toBeNull();
    expect(pulse.unwatchedSeconds).toBe(90 + 29_800);
  });

  test('when it was under way before anybody watched, and writes no more lines', () => {
    const look = { runSeconds: 4000, lastRunSeconds: 3990, points: [], isBehind: false };
    const pulse = foldMetrics(null, look, training);
    expect(judgeRun({ pulse, runSeconds: 4000, limitSeconds: 5000 })).toBeNull();
  });

  test('while there is more to read than one look may', () => {
    const look = { runSeconds: 40_000, lastRunSeconds: 39_990, points: [point(1, 9)], isBehind: true };
    const pulse = { ...foldMetrics(null, look, training), newsSeconds: 0 };
    expect(judgeRun({ pulse, runSeconds: 50_000, limitSeconds: 1e6 })).toBeNull();
  });
});

describe('a run is ended', () => {
  test('when it writes nothing more, after a quarter of an hour at the least', () => {
    const run = steady(5, 240);
    const { at, reason } = watch({
      lines: { ...run, written: (seconds) => run.written(Math.min(seconds, 600)) },
    });
    expect(reason).toEqual({
      code: 'stalled',
      silentSeconds: 930,
      usualSeconds: 30,
      step: 108,
      steps: 240,
    });
    expect(at).toBe(1530);
  });

  test('not while it takes a step as seldom as its ceiling allows', () => {
    const seldom = steady(1100, 6);
    expect(watch({ limitSeconds: minutes(120), lines: seldom }).reason).toBeNull();
  });

  test('later when it was silent for long before and came back', () => {
    const run = steady(10, 300);
    const trained = (seconds: number): number =>
      Math.min(seconds, 600) + Math.max(0, Math.min(seconds, 2000) - 1400);
    const withPause = { ...run, written: (seconds: number) => run.written(trained(seconds)) };
    const { at, reason } = watch({ limitSeconds: minutes(240), lines: withPause });
    expect(reason).toMatchObject({ code: 'stalled', usualSeconds: 810 });
    expect(at).toBe(1980 + 4 * 810 + 60);
  });

  test('when it never begins: after half of its ceiling, and only if that saves something', () => {
    expect(watch({ lines: nothing })).toMatchObject({
      at: 1830,
      reason: { code: 'stalled', step: null, silentSeconds: 1830 },
    });
    expect(watch({ limitSeconds: minutes(16), lines: nothing }).reason).toBeNull();
  });

  test.each(['NaN', 'Infinity', '-Infinity'])('a minute after its loss became %s and stayed so', (value) => {
    const lines = steady(5, 240, (step) => ({ loss: step < 50 ? 1 : value }));
    expect(watch({ lines })).toMatchObject({ at: 390, reason: { code: 'nan', step: 50, value } });
  });

  test('not for a loss that is no number now and then', () => {
    const lines = steady(5, 240, (step) => ({ loss: step % 7 === 0 ? 'NaN' : 1 }));
    expect(watch({ lines }).reason).toBeNull();
  });

  test('when its loss ran away and stays there', () => {
    const lines = steady(5, 240, (step) => ({ loss: step < 50 ? 1 : 6 }));
    expect(watch({ lines }).reason).toMatchObject({ code: 'diverged', first: 1 });
    // A hump that the loss comes back from, a warm-up, and losses that carry no signal.
    const hump = steady(5, 240, (step) => ({ loss: step > 50 && step < 60 ? 6 : 1 }));
    expect(watch({ lines: hump }).reason).toBeNull();
    expect(watch({ lines, settings: { warmupRatio: 0.9 } }).reason).toBeNull();
    const objective = { kind: 'grpo', beta: 0, reward: 'contains', generations: 4 } as const;
    expect(watch({ lines, settings: { objective } }).reason).toBeNull();
  });

  test('when its lines say for ten minutes that the GPU does nothing', () => {
    const idle = steady(5, 600, (step) => ({ loss: 1, gpu_utilization: step < 20 ? 90 : 2 }));
    expect(watch({ lines: idle }).reason).toMatchObject({ code: 'gpu_idle', idleSeconds: 600 });
    const busyNow = steady(5, 600, (step) => ({ loss: 1, gpu_utilization: step % 50 === 0 ? 60 : 0 }));
    expect(watch({ lines: busyNow }).reason).toBeNull();
    const unknown = steady(5, 600, (step) =>
      step % 50 === 0 ? { loss: 1 } : { loss: 1, gpu_utilization: 0 },
    );
    expect(watch({ lines: unknown }).reason).toBeNull();
  });

  test('when its pace leads far beyond its ceiling, with both numbers', () => {
    const { at, reason } = watch({ limitSeconds: minutes(20), lines: steady(28, 100) });
    expect(reason).toMatchObject({ code: 'too_slow', limitSeconds: 1200 });
    expect((reason as { projectedSeconds: number }).projectedSeconds / 60).toBeCloseTo(48, -0.5);
    expect(at).toBeLessThan(minutes(12));
  });

  test('not when it would be a little late, and not at a pace that is hardly known', () => {
    expect(watch({ limitSeconds: minutes(20), lines: steady(12, 100) }).reason).toBeNull();
    expect(watch({ limitSeconds: minutes(9), lines: steady(28, 100) }).reason).toBeNull();
  });
});

test('the end of a run that went on from a checkpoint is told by its own steps', () => {
  const first = { runSeconds: 60, lastRunSeconds: 0, points: [point(500, 1000)], isBehind: false };
  const later = { runSeconds: 260, lastRunSeconds: 250, points: [point(600, 1000)], isBehind: false };
  const pulse = foldMetrics(foldMetrics(null, first, training), later, training);
  expect(projectedEnd(pulse)).toBe(260 + 800);
});

test('a look may be later than a site looks, and is not blind yet', () => {
  expect(watchLimits.blindSeconds).toBeGreaterThan(600 + 60);
});
