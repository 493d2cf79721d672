import { turnEffect } from './effects.ts';
import type { Effect } from './types.ts';

/** `effect` in the direction of `factor`; null when it is of another factor. */
export function alignEffect(effect: Effect, factor: string): Effect | null {
  if (effect.factor === factor) return effect;
  const other = turnEffect(effect);
  return other?.factor === factor ? other : null;
}

/**
 * Whether an insight announced earlier no longer holds: it held then, and now it does not, or has the other sign. The
 * direction of the factor does not matter; effects of different factors never contradict each other.
 */
export function contradicted(previous: Effect, now: Effect): boolean {
  const same = alignEffect(now, previous.factor);
  if (!previous.holds || same === null) return false;
  return !same.holds || Math.sign(same.effect) !== Math.sign(previous.effect);
}
