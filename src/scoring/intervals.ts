import { TrexError } from '../lib/errors.ts';
import { createRng } from '../lib/rng.ts';
import { z95 } from './distributions.ts';
import type { ItemResult, MetricName, Score } from './types.ts';

/** Below this many items a bootstrap repeats too few values to be trusted. */
const minForBootstrap = 20;
const resamples = 2000;
const bootstrapSeed = 0x5c0;

/** Wilson's score interval at 95 % (Wilson 1927) for a mean of n scores in [0, 1]; never empty, never outside [0, 1]. */
function wilson(mean: number, n: number): { low: number; high: number } {
  const z2 = z95 * z95;
  const centre = (mean + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z95 / (1 + z2 / n)) * Math.sqrt((mean * (1 - mean)) / n + z2 / (4 * n * n));
  return {
    low: Math.max(0, Math.min(mean, centre - half)),
    high: Math.min(1, Math.max(mean, centre + half)),
  };
}

function quantile(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const a = sorted[below]!;
  const b = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return a + (b - a) * (at - below);
}

function bootstrap(scores: number[]): { low: number; high: number } {
  const rng = createRng(bootstrapSeed);
  const means = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let i = 0; i < scores.length; i++) sum += scores[rng.int(scores.length)]!;
    means[r] = sum / scores.length;
  }
  means.sort();
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/**
 * Mean score with its 95 % interval.
 *
 * All scores 0 or 1: Wilson. Otherwise the percentile bootstrap (Efron 1979; 2,000 resamples, fixed seed), because
 * F1 scores pile up at 0 and 1 and a t interval would leave [0, 1]. Fewer than 20 items, or all equal: Wilson on the
 * mean, which is wide enough because no scores in [0, 1] vary more than 0/1 scores with the same mean.
 * @throws TrexError `no_items` when there is nothing to average.
 */
export function scoreOf(metric: MetricName, results: readonly ItemResult[]): Score {
  const n = results.length;
  if (n === 0) throw new TrexError('no_items', 'ours', 'A score needs at least one item.');
  const scores = results.map((result) => result.score);
  const outside = scores.find((score) => !(score >= 0 && score <= 1));
  if (outside !== undefined) {
    throw new TrexError('score_out_of_range', 'ours', `An item score is ${outside}; scores are in [0, 1].`);
  }
  const value = Math.min(1, scores.reduce((sum, score) => sum + score, 0) / n);
  const binary = scores.every((score) => score === 0 || score === 1);
  const equal = scores.every((score) => score === scores[0]);
  const { low, high } = binary || equal || n < minForBootstrap ? wilson(value, n) : bootstrap(scores);
  return { metric, value, low: Math.min(low, value), high: Math.max(high, value), n };
}
