import type { ProposalContext } from '../../researcher/port.ts';
import { childrenOf, keyNodes, pathTo } from '../../search/promising.ts';
import type { SearchNode } from '../../search/types.ts';
import { type Tree, toMemory } from '../view/load-tree.ts';

/** The tree around a node as the Researcher sees it: the path to the node, its children, successes and failures. */
export function memoryAround(
  tree: Tree,
  nodes: SearchNode[],
  number: number,
): Pick<ProposalContext, 'path' | 'siblings' | 'keyNodes'> {
  const search = { nodes };
  const memories = (found: SearchNode[]) =>
    found.flatMap(({ id }) => {
      const row = tree.nodes.find((n) => n.number === id);
      return row === undefined ? [] : [toMemory(tree, row)];
    });
  const key = keyNodes(search);
  return {
    path: memories(pathTo(search, number)),
    siblings: memories(childrenOf(search, number)),
    keyNodes: memories([...key.best, ...key.failures]),
  };
}
