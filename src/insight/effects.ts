import { TrexError } from '../lib/errors.ts';
import { reverseFactor } from './factors.ts';
import type { Effect, EffectPair } from './types.ts';

/** A parent-child comparison, with every factor that the child changed. */
export interface EffectObservation extends EffectPair {
  factors: string[];
}

export interface EffectSettings {
  /**
   * Standard deviation of the score between repeats of one run with other seeds; 0 or unset when not measured. The
   * errors of the pairs hold item noise only; a difference has the noise of two runs beside it.
   */
  runNoise?: number;
}

/** Standard normal quantiles at 0.975 and 0.995. */
const z95 = 1.959963984540054;
const z99 = 2.5758293035489004;

/** A pair in which no item differs would otherwise have infinite weight. */
const minStandardError = 0.001;

interface Pooled {
  effect: number;
  standardError: number;
}

/**
 * Random-effects mean (DerSimonian and Laird 1986, Controlled Clinical Trials 7:177): inverse-variance weights, to
 * which the heterogeneity between pairs is added. With few pairs heterogeneity is often estimated as zero and the
 * interval is too narrow. Null effects that hold, simulated (4,000 draws; 1 / 2 / 5 pairs): 1 / 4 / 4 % without
 * heterogeneity, 7 / 10 / 10 % when it is as large as the errors, 25 / 20 / 13 % when it is twice that. So give the
 * run noise when it is known, and withdraw an insight that later pairs contradict.
 */
function poolEffects(pairs: readonly EffectPair[], runNoise: number): Pooled {
  const variances = pairs.map(
    (pair) => Math.max(pair.standardError, minStandardError) ** 2 + 2 * runNoise ** 2,
  );
  const weighted = (between: number): { mean: number; weight: number } => {
    const weights = variances.map((variance) => 1 / (variance + between));
    const weight = weights.reduce((sum, w) => sum + w, 0);
    const mean = pairs.reduce((sum, pair, i) => sum + pair.difference * (weights[i] as number), 0) / weight;
    return { mean, weight };
  };
  const common = weighted(0);
  const spread = pairs.reduce(
    (q, pair, i) => q + (pair.difference - common.mean) ** 2 / (variances[i] as number),
    0,
  );
  const squares = variances.reduce((sum, variance) => sum + 1 / variance ** 2, 0);
  const scale = common.weight - squares / common.weight;
  const between = pairs.length < 2 ? 0 : Math.max(0, (spread - (pairs.length - 1)) / scale);
  const { mean, weight } = weighted(between);
  return { effect: mean, standardError: Math.sqrt(1 / weight) };
}

const oldestChild = (pairs: ReadonlyMap<string, EffectPair>): number =>
  Math.min(...[...pairs.values()].map((pair) => pair.child));

/** The comparison read from child to parent. */
function reversed(pair: EffectPair): EffectPair {
  return { ...pair, parent: pair.child, child: pair.parent, difference: 0 - pair.difference };
}

/** A recipe's seed changes which rows are drawn, not what is done with them. */
const isNoise = (factor: string): boolean => factor.startsWith('recipe.seed');

/** Key of factors that changed together, whatever their order; empty when nothing that matters changed. */
function factorKey(factors: readonly string[]): string {
  return [...new Set(factors.filter((factor) => !isNoise(factor)))].sort().join(' + ');
}

/** Key of the opposite change; null when there is none. */
function reverseKey(key: string): string | null {
  const reversed = key.split(' + ').map(reverseFactor);
  return reversed.includes(null) ? null : factorKey(reversed as string[]);
}

function estimate(factor: string, pairs: EffectPair[], runNoise: number): Effect {
  const { effect, standardError } = poolEffects(pairs, runNoise);
  const ratio = Math.abs(effect) / standardError;
  return {
    factor,
    effect,
    low: effect - z95 * standardError,
    high: effect + z95 * standardError,
    pairs,
    holds: ratio > (pairs.length >= 2 ? z95 : z99),
  };
}

/** The effect of the opposite change; null when the factor cannot be reversed. */
export function turnEffect(effect: Effect): Effect | null {
  const reverse = reverseKey(effect.factor);
  if (reverse === null) return null;
  return {
    factor: reverse,
    effect: 0 - effect.effect,
    low: 0 - effect.high,
    high: 0 - effect.low,
    pairs: effect.pairs.map(reversed),
    holds: effect.holds,
  };
}

/**
 * The average effect of each factor, over the pairs in which it alone changed.
 *
 * A pair with several factors is evidence for their combination only (key joined by ` + `), never for one of them:
 * few nodes cannot show which of them did it. Turning a factor off is evidence on turning it on, with the sign
 * reversed: such pairs are pooled under the direction of the oldest child, and a pair of the other direction is listed
 * from child to parent. When the pair of an older child is added later the direction may be reversed: look effects up
 * with `alignEffect`. Pairs without factors are left out; a pair given twice counts once. An effect holds when its 95 %
 * interval excludes zero and it has two pairs, or one with p < 0.01.
 *
 * Order: those that hold first, then by size, then by key.
 * @throws TrexError `effect_invalid` on a difference or error that is not a finite number.
 */
export function estimateEffects(observations: EffectObservation[], settings: EffectSettings = {}): Effect[] {
  const groups = new Map<string, { reverse: string | null; pairs: Map<string, EffectPair> }>();
  for (const { factors, parent, child, difference, standardError } of observations) {
    if (!Number.isFinite(difference) || !(standardError >= 0 && Number.isFinite(standardError))) {
      throw new TrexError(
        'effect_invalid',
        'ours',
        `The comparison of #${child} with #${parent} has no finite difference.`,
      );
    }
    const key = factorKey(factors);
    if (key === '') continue;
    const group = groups.get(key) ?? { reverse: reverseKey(key), pairs: new Map<string, EffectPair>() };
    group.pairs.set(`${parent}>${child}`, { parent, child, difference, standardError });
    groups.set(key, group);
  }

  const effects: Effect[] = [];
  const done = new Set<string>();
  for (const [key, group] of groups) {
    if (done.has(key)) continue;
    const opposite = group.reverse === null || group.reverse === key ? undefined : groups.get(group.reverse);
    const flipped = opposite !== undefined && oldestChild(opposite.pairs) < oldestChild(group.pairs);
    const [mine, other] = flipped ? [opposite, group] : [group, opposite];
    const pairs = [...mine.pairs.values(), ...[...(other?.pairs.values() ?? [])].map(reversed)];
    pairs.sort((a, b) => Math.max(a.parent, a.child) - Math.max(b.parent, b.child) || a.parent - b.parent);
    effects.push(estimate(flipped ? (group.reverse as string) : key, pairs, settings.runNoise ?? 0));
    done.add(key);
    if (opposite) done.add(group.reverse as string);
  }
  return effects.sort(
    (a, b) =>
      Number(b.holds) - Number(a.holds) ||
      Math.abs(b.effect) - Math.abs(a.effect) ||
      (a.factor < b.factor ? -1 : 1),
  );
}
