import { describe, expect, test } from 'vitest';
import type { PairedDifference, Score } from '../../scoring/types.ts';
import { type Forecast, forecastText } from './forecast.ts';

const score = (value: number): Score => ({
  metric: 'exact_match',
  value,
  low: value - 0.02,
  high: value + 0.02,
  n: 400,
});
const gain = (difference: number, low: number, high: number): PairedDifference => ({
  difference,
  low,
  high,
  pValue: 0.01,
  wins: 30,
  losses: 12,
  n: 400,
});
const forecast = (over: Partial<Forecast> = {}): Forecast => ({
  moreSeconds: 3600,
  measured: { before: 4, best: 9, beforeSeconds: 1700, spentSeconds: 3600, nodes: 12 },
  before: score(0.812),
  best: score(0.858),
  gain: gain(0.046, 0.012, 0.08),
  parallel: 2,
  ...over,
});

describe('what more compute would buy', () => {
  test('is one doubling at the measured rate, with its interval and its doubt', () => {
    expect(forecastText(forecast())).toBe(
      '1 h of compute would be about 12 nodes like the 12 so far (1 h), 30 min on the clock with 2 at a time. From 28.3 min to 1 h of compute the best went from #4 (0.812) to #9 (0.858): +0.046 (0.012 to 0.080) on the same 400 items. Counted per doubling of the compute, 1 h more is 1 doubling: about +0.046 (0.012 to 0.080). It is a line drawn on from one search, no promise: gains shrink, and #9 is the luckiest of many, so rather less.',
    );
  });

  test('never goes above what is left to the best possible score', () => {
    const text = forecastText(forecast({ moreSeconds: 36_000, best: score(0.958) }));
    expect(text).toContain('10 h more is 3.5 doublings: about +0.042 (0.042 to 0.042)');
    expect(text).toContain('far beyond what was measured: take it as a bound');
  });

  test('is nothing that can be promised when the gain may be chance', () => {
    const text = forecastText(forecast({ gain: gain(0.01, -0.01, 0.03) }));
    expect(text).toContain(
      'cannot be told from chance, so 1 h more may buy nothing; if it is real, up to 0.010.',
    );
  });

  test('is nothing at all when nothing better came', () => {
    const measured = { before: 9, best: 9, beforeSeconds: 1700, spentSeconds: 3600, nodes: 12 };
    const text = forecastText(forecast({ measured, gain: null }));
    expect(text).toContain('nothing beat #9 (0.858 ± 0.020)');
    expect(text).toContain('more of the same buys nothing');
  });
});
