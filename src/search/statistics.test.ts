import { describe, expect, it } from 'vitest';
import { treeStatistics } from './statistics.ts';
import type { SearchNode } from './types.ts';

const node = (
  id: number,
  parentId: number | null,
  value: number | null,
  more: Partial<SearchNode> = {},
): SearchNode => ({
  id,
  parentId,
  state: value === null ? 'pending' : 'scored',
  value,
  parked: false,
  ...more,
});

describe('treeStatistics', () => {
  it('backs rewards and visits up to the ancestors', () => {
    const all = treeStatistics(
      { nodes: [node(0, null, 0), node(1, 0, 0.5), node(2, 0, 1), node(3, 1, 1), node(4, 1, null)] },
      'minmax',
    );
    const row = (id: number) => {
      const { visits, inFlight, accumulated, reward, depth } = all.get(id)!;
      return [visits, inFlight, accumulated, reward, depth];
    };
    expect(row(0)).toEqual([4, 1, 2.5, 0, 0]);
    expect(row(1)).toEqual([2, 1, 1.5, 0.5, 1]);
    expect(row(4)).toEqual([0, 1, 0, null, 2]);
    expect(all.get(1)!.children.map((child) => child.node.id)).toEqual([3, 4]);
  });

  it('keeps failed and withdrawn nodes out of the rewards', () => {
    const failed = node(1, 0, null, { state: 'failed' });
    const withdrawn = node(2, 0, null, { state: 'withdrawn' });
    const all = treeStatistics({ nodes: [node(0, null, 0.3), failed, withdrawn] });
    expect(all.get(0)).toMatchObject({ visits: 1, inFlight: 0, accumulated: 0.5 });
    expect(all.get(1)).toMatchObject({ visits: 0, reward: null });
  });

  it('parks everything below a parked node', () => {
    const all = treeStatistics({
      nodes: [node(0, null, 0), node(1, 0, 1, { parked: true }), node(2, 1, 1), node(3, 0, 1)],
    });
    expect([...all.values()].map((s) => s.parked)).toEqual([false, true, true, false]);
  });

  it('refuses a tree that is none', () => {
    expect(() => treeStatistics({ nodes: [node(0, null, 1), node(2, 1, 1)] })).toThrow(/no parent/);
    expect(() => treeStatistics({ nodes: [node(0, null, 1), node(1, null, 1)] })).toThrow(/no parent/);
    expect(() => treeStatistics({ nodes: [node(0, null, 1), node(0, 0, 1)] })).toThrow(/twice/);
    expect(() => treeStatistics({ nodes: [node(0, null, Number.NaN)] })).toThrow(/without a value/);
    expect(() => treeStatistics({ nodes: [node(0, null, null, { state: 'scored' })] })).toThrow(
      /without a value/,
    );
  });
});
