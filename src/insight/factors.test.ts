import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFactor, parseFactor, reverseFactor } from './factors.ts';

describe('factors', () => {
  it('reads switches, steps and the rest', () => {
    expect(parseFactor('recipe.filter_shape=on')).toEqual({
      kind: 'switch',
      name: 'recipe.filter_shape',
      to: 'on',
    });
    expect(parseFactor('input:date/noisy=off')).toEqual({
      kind: 'switch',
      name: 'input:date/noisy',
      to: 'off',
    });
    expect(parseFactor('learningRate 0.001→0.0005')).toEqual({
      kind: 'step',
      name: 'learningRate',
      separator: ' ',
      from: '0.001',
      to: '0.0005',
    });
    expect(parseFactor('method=lora')).toEqual({ kind: 'other', name: 'method', value: 'lora' });
    expect(parseFactor('something new')).toEqual({ kind: 'other', name: 'something new', value: '' });
  });

  it('turns a change round where there is an opposite', () => {
    expect(reverseFactor('recipe.balance=off')).toBe('recipe.balance=on');
    expect(reverseFactor('epochs 1→3')).toBe('epochs 3→1');
    expect(reverseFactor('recipe.sample=1000→all')).toBe('recipe.sample=all→1000');
    expect(reverseFactor('recipe.balance=changed')).toBeNull();
  });

  it('writes what it read', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        expect(formatFactor(parseFactor(key)).replace(/=$/, '')).toBe(key.replace(/=$/, ''));
      }),
      { seed: 1 },
    );
  });
});
