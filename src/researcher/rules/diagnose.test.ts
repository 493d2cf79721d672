import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { strategies } from '../../campaign/states.ts';
import type { DiagnosisContext } from '../port.ts';
import { diagnoseNode } from './diagnose.ts';
import { node } from './testing/propose-fixtures.ts';

type Item = DiagnosisContext['failing'][number];

const item = (prompt: string, expected: string, prediction: string): Item => ({
  prompt,
  expected,
  prediction,
});
const swapped = (n: number): Item[] =>
  Array.from({ length: n }, (_, i) =>
    item(`date: ${i + 1}/3/2021`, `2021-03-${10 + i}`, `2021-${10 + i}-03`),
  );
const delta = { difference: 0.033, low: 0.012, high: 0.055, pValue: 0.004, wins: 31, losses: 11, n: 620 };

const context = (over: Partial<DiagnosisContext> = {}): DiagnosisContext => ({
  node: node(8),
  parent: node(5),
  siblings: [],
  failing: swapped(9),
  fixed: swapped(4),
  broken: [],
  delta,
  score: { metric: 'exact_match', value: 0.87, low: 0.84, high: 0.9, n: 620 },
  ...over,
});

describe('diagnoseNode', () => {
  it('counts mistakes by kind, with an example', () => {
    const { mistakes } = diagnoseNode(
      context({ failing: [...swapped(9), item('date: x', '2021-03-05', '')] }),
    );
    expect(mistakes[0]).toMatchObject({ kind: 'day and month are swapped', count: 9 });
    expect(mistakes[0]?.example).toContain('2021-03-10');
    expect(mistakes[1]).toMatchObject({ count: 1 });
  });

  it('says how it compares with its parent and what moved', () => {
    const { summary } = diagnoseNode(context());
    expect(summary).toContain('Better than #5 by +0.033 (0.012 to 0.055)');
    expect(summary).toContain('fixed 4 items');
    expect(summary).toContain('day and month are swapped');
  });

  it('claims nothing that cannot be told from noise', () => {
    const { summary } = diagnoseNode(context({ delta: { ...delta, low: -0.01, pValue: 0.2 } }));
    expect(summary).toContain('No difference to #5 that can be told from noise');
    expect(summary).not.toContain('Better');
  });

  it('points back to the parent after a loss', () => {
    const worse = { ...delta, difference: -0.05, low: -0.08, high: -0.02 };
    expect(diagnoseNode(context({ delta: worse })).directions[0]?.text).toContain('Go back to #5');
  });

  it('does without a parent and without failing items', () => {
    const first = diagnoseNode(context({ parent: null, delta: null, fixed: [], failing: [] }));
    expect(first.summary).toBe('Scores 0.870 on 620 items. No failing item is left to look at.');
    expect(first.mistakes).toEqual([]);
  });

  it('gives the same bounded answer for any items', () => {
    const items = fc.array(
      fc.record({ prompt: fc.string(), expected: fc.string(), prediction: fc.string() }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(items, items, items, (failing, fixed, broken) => {
        const found = diagnoseNode(context({ failing, fixed, broken }));
        expect(diagnoseNode(context({ failing, fixed, broken }))).toEqual(found);
        expect(found.directions.length).toBeLessThanOrEqual(3);
        expect(found.summary.length).toBeLessThan(600);
        for (const direction of found.directions) expect(strategies).toContain(direction.strategy);
      }),
    );
  });
});
