/** Seeded randomness: the same seed gives the same sequence on every machine. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  int(bound: number): number;
  /** Standard normal. */
  gauss(): number;
  pick<T>(values: readonly T[]): T;
  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<T>(values: T[]): T[];
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state, passes gjrand; ample for data order and search. */
export function createRng(seed: number): Rng {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    int,
    gauss: () => Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next()),
    pick: (values) => {
      if (values.length === 0) throw new RangeError('pick: nothing to pick from');
      return values[int(values.length)] as (typeof values)[number];
    },
    shuffle: (values) => {
      for (let i = values.length - 1; i > 0; i--) {
        const j = int(i + 1);
        const swap = values[i] as (typeof values)[number];
        values[i] = values[j] as (typeof values)[number];
        values[j] = swap;
      }
      return values;
    },
  };
}
