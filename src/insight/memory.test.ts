import { describe, expect, it } from 'vitest';
import { alignEffect, contradicted } from './memory.ts';
import type { Effect } from './types.ts';

const effect = (factor: string, value: number, holds = true): Effect => ({
  factor,
  effect: value,
  low: value - 0.01,
  high: value + 0.01,
  pairs: [],
  holds,
});

describe('contradicted', () => {
  it('is true when a lesson no longer holds or has turned round', () => {
    expect(contradicted(effect('a=on', 0.03), effect('a=on', 0.02))).toBe(false);
    expect(contradicted(effect('a=on', 0.03), effect('a=on', 0.005, false))).toBe(true);
    expect(contradicted(effect('a=on', 0.03), effect('a=on', -0.02))).toBe(true);
  });

  it('sees through the direction of a factor', () => {
    expect(contradicted(effect('epochs 1→3', 0.03), effect('epochs 3→1', -0.03))).toBe(false);
    expect(contradicted(effect('epochs 1→3', 0.03), effect('epochs 3→1', 0.03))).toBe(true);
  });

  it('is false for what was never a lesson, and for another factor', () => {
    expect(contradicted(effect('a=on', 0.03, false), effect('a=on', -0.02))).toBe(false);
    expect(contradicted(effect('a=on', 0.03), effect('b=on', -0.02))).toBe(false);
    expect(alignEffect(effect('b=on', 1), 'a=on')).toBeNull();
  });
});
