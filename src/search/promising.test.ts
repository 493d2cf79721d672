import { describe, expect, it } from 'vitest';
import { childrenOf, keyNodes, pathTo, siblingsOf } from './promising.ts';
import type { SearchNode, SearchTree } from './types.ts';

/** A chain of 20 nodes, then 20 children of node 3, every fourth of them failed. */
const nodes: SearchNode[] = [];
for (let id = 0; id < 40; id++) {
  const failed = id >= 20 && id % 4 === 0;
  const parentId = id === 0 ? null : id < 20 ? id - 1 : 3;
  nodes.push({
    id,
    parentId,
    state: failed ? 'failed' : 'scored',
    value: failed ? null : (id * 7) % 40,
    parked: false,
  });
}
const tree: SearchTree = { nodes };
const ids = (list: SearchNode[]): number[] => list.map((n) => n.id);

describe('what the Researcher sees of the tree', () => {
  it('picks the best five and the last five failures', () => {
    const { best, failures } = keyNodes(tree);
    expect(best.map((n) => n.value)).toEqual([39, 38, 37, 35, 34]);
    expect(ids(failures)).toEqual([20, 24, 28, 32, 36]);
    expect(keyNodes({ nodes: [] })).toEqual({ best: [], failures: [] });
  });

  it('gives the path from the root, of a long one the root and the last seven', () => {
    expect(ids(pathTo(tree, 2))).toEqual([0, 1, 2]);
    expect(ids(pathTo(tree, 7))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(ids(pathTo(tree, 19))).toEqual([0, 13, 14, 15, 16, 17, 18, 19]);
    expect(() => pathTo(tree, 99)).toThrow(/#99/);
  });

  it('gives at most twelve children: the best six and the latest others, in order', () => {
    const children = ids(childrenOf(tree, 3));
    expect(children).toHaveLength(12);
    expect(children).toEqual([...children].sort((a, b) => a - b));
    expect(children.slice(-4)).toEqual([36, 37, 38, 39]);
    expect(children).toContain(22);
    expect(ids(childrenOf(tree, 5))).toEqual([6]);
  });

  it('leaves the node out of its own siblings', () => {
    expect(ids(siblingsOf(tree, 39))).not.toContain(39);
    expect(siblingsOf(tree, 39)).toHaveLength(12);
    expect(siblingsOf(tree, 0)).toEqual([]);
  });
});
