/** One parent-child comparison under a factor. `difference` = child - parent on the same search items. */
export interface EffectPair {
  parent: number;
  child: number;
  difference: number;
  /** Standard error of the paired difference. */
  standardError: number;
}

/** The average effect of a change, over all pairs in which it alone changed. */
export interface Effect {
  /** `recipe.filter_shape=on`, `learningRate 0.001→0.0005`; several at once are joined by ` + `. See `factors.ts`. */
  factor: string;
  effect: number;
  low: number;
  high: number;
  pairs: EffectPair[];
  /** The interval excludes zero and there are enough pairs. */
  holds: boolean;
}
