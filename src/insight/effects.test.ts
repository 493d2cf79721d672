import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../lib/rng.ts';
import { type EffectObservation, estimateEffects, turnEffect } from './effects.ts';

const pair = (
  factors: string | string[],
  parent: number,
  child: number,
  difference: number,
  standardError = 0.01,
): EffectObservation => ({ factors: [factors].flat(), parent, child, difference, standardError });

describe('estimateEffects', () => {
  it('pools pairs that agree by their precision', () => {
    const [effect] = estimateEffects([pair('a=on', 1, 2, 0.03, 0.01), pair('a=on', 1, 3, 0.02, 0.02)]);
    // Weights 10,000 and 2,500; no more spread than the errors explain.
    expect(effect?.effect).toBeCloseTo(0.028, 12);
    expect((effect!.high - effect!.low) / 2).toBeCloseTo(1.96 / Math.sqrt(12_500), 5);
    expect(effect?.holds).toBe(true);
  });

  it('widens the interval where pairs disagree', () => {
    const [effect] = estimateEffects([
      pair('a=on', 1, 2, 0.1),
      pair('a=on', 3, 4, -0.02),
      pair('a=on', 5, 6, 0.04),
    ]);
    // Q = 72, C = 20,000: between-pair variance 0.0035, standard error sqrt(0.0036 / 3).
    expect(effect?.effect).toBeCloseTo(0.04, 12);
    expect((effect!.high - effect!.low) / 2).toBeCloseTo(1.96 * Math.sqrt(0.0036 / 3), 4);
    expect(effect?.holds).toBe(false);
  });

  it('wants p below 0.01 of a single pair', () => {
    expect(estimateEffects([pair('a=on', 1, 2, 0.022)])[0]?.holds).toBe(false);
    expect(estimateEffects([pair('a=on', 1, 2, 0.027)])[0]?.holds).toBe(true);
    expect(estimateEffects([pair('a=on', 1, 2, 0.015), pair('a=on', 1, 3, 0.015)])[0]?.holds).toBe(true);
  });

  it('takes the noise of runs into account', () => {
    const pairs = [pair('a=on', 1, 2, 0.03), pair('a=on', 1, 3, 0.03)];
    const [effect] = estimateEffects(pairs, { runNoise: 0.03 });
    expect(effect?.holds).toBe(false);
    expect(effect?.effect).toBeCloseTo(0.03, 12);
  });

  it('credits a factor only with pairs in which it alone changed, seeds aside', () => {
    const effects = estimateEffects([
      pair('a=on', 1, 2, 0.05),
      pair(['b 1→2', 'a=on'], 1, 3, 0.5),
      pair(['a=on', 'b 1→2'], 2, 4, 0.5),
      pair([], 1, 5, 0.9),
      pair('recipe.seed=1→2', 1, 6, 0.9),
      pair(['recipe.seed=1→2', 'a=on'], 1, 7, 0.05),
    ]);
    expect(effects.map((e) => [e.factor, e.pairs.length])).toEqual([
      ['a=on + b 1→2', 2],
      ['a=on', 2],
    ]);
  });

  it('pools both directions under that of the oldest child, and turns the others round', () => {
    const effects = estimateEffects([pair('a=off', 5, 9, -0.04), pair('a=on', 1, 2, 0.03)]);
    expect(effects).toHaveLength(1);
    expect(effects[0]).toMatchObject({
      factor: 'a=on',
      pairs: [
        { parent: 1, child: 2, difference: 0.03 },
        { parent: 9, child: 5, difference: 0.04 },
      ],
    });
  });

  it('counts a pair once, and does not trust an error of zero', () => {
    const [effect] = estimateEffects([pair('a=on', 1, 2, 0.03), pair('a=on', 1, 2, 0.03)]);
    expect(effect?.pairs).toHaveLength(1);
    const [exact] = estimateEffects([pair('a=on', 1, 2, 0, 0), pair('a=on', 1, 3, 0.03)]);
    expect(exact?.high).toBeGreaterThan(0);
  });

  it('puts what holds first', () => {
    const effects = estimateEffects([
      pair('big=on', 1, 2, 0.2, 0.2),
      pair('sure=on', 1, 3, 0.05),
      pair('c=on', 1, 4, -0.08),
    ]);
    expect(effects.map((e) => e.factor)).toEqual(['c=on', 'sure=on', 'big=on']);
    expect(estimateEffects([])).toEqual([]);
    expect(() => estimateEffects([pair('a=on', 1, 2, Number.NaN)])).toThrow(/#2 with #1/);
  });

  const observations = fc.array(
    fc.record({
      factors: fc.subarray(['a=on', 'b=off', 'rate 1→2', 'other'], { minLength: 1, maxLength: 2 }),
      parent: fc.nat(20),
      child: fc.integer({ min: 21, max: 40 }),
      difference: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
      standardError: fc.double({ min: 0, max: 0.2, noNaN: true }),
    }),
    { maxLength: 25 },
  );

  it('turns its sign when all differences do', () => {
    fc.assert(
      fc.property(observations, (all) => {
        const effects = estimateEffects(all);
        const mirrored = estimateEffects(all.map((o) => ({ ...o, difference: -o.difference })));
        for (const effect of effects) {
          const other = mirrored.find((e) => e.factor === effect.factor);
          expect(other?.effect).toBeCloseTo(-effect.effect, 10);
          expect(other?.low).toBeCloseTo(-effect.high, 10);
          expect(other?.holds).toBe(effect.holds);
          expect(effect.low <= effect.effect && effect.effect <= effect.high).toBe(true);
          expect(effect.holds && effect.low <= 0 && effect.high >= 0).toBe(false);
        }
      }),
      { seed: 2 },
    );
  });

  it('does not depend on the order of the pairs', () => {
    fc.assert(
      fc.property(observations, (drawn) => {
        const all = [...new Map(drawn.map((o) => [`${o.parent}>${o.child}`, o])).values()];
        const strip = (effects: ReturnType<typeof estimateEffects>) =>
          new Map(effects.map((e) => [e.factor, [e.holds, e.pairs.length, e.effect.toFixed(9)]]));
        expect(strip(estimateEffects([...all].reverse()))).toEqual(strip(estimateEffects(all)));
      }),
      { seed: 3 },
    );
  });

  it('rarely holds where there is no effect, and mostly does where there is one', () => {
    const rng = createRng(4);
    const held = (truth: number, pairs: number): number => {
      let count = 0;
      for (let i = 0; i < 1000; i++) {
        const all = Array.from({ length: pairs }, (_, j) =>
          pair('a=on', j, j + 50, truth + 0.01 * rng.gauss()),
        );
        if (estimateEffects(all)[0]?.holds) count += 1;
      }
      return count / 1000;
    };
    expect(held(0, 1)).toBeLessThan(0.02);
    for (const pairs of [2, 3, 6]) expect(held(0, pairs)).toBeLessThan(0.06);
    expect(held(0.03, 3)).toBeGreaterThan(0.9);
  });
});

describe('turnEffect', () => {
  it('is its own inverse, and refuses changes without an opposite', () => {
    const [effect] = estimateEffects([pair(['a=on', 'b 1→2'], 1, 2, 0.03)]);
    const turned = turnEffect(effect!);
    expect(turned).toMatchObject({
      factor: 'a=off + b 2→1',
      effect: -0.03,
      pairs: [{ parent: 2, child: 1 }],
    });
    expect(turnEffect(turned!)).toEqual(effect);
    expect(turnEffect({ ...effect!, factor: 'a=changed' })).toBeNull();
  });
});
