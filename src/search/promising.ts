import { NotFoundError } from '../lib/errors.ts';
import type { SearchNode, SearchTree } from './types.ts';

/** Bounds of the Researcher's context M(v): the same at node 10 and node 10,000. */
const contextLimits = { path: 8, siblings: 12, best: 5, failures: 5 } as const;

function byBest(a: SearchNode, b: SearchNode): number {
  return (b.value as number) - (a.value as number) || a.id - b.id;
}

const scoredOf = (nodes: readonly SearchNode[]): SearchNode[] =>
  nodes.filter((node) => node.state === 'scored' && node.value !== null);

/** C(T) of TREX: the best five (best first; the older of equals) and the last five failures (latest last) of the tree. */
export function keyNodes(tree: SearchTree): { best: SearchNode[]; failures: SearchNode[] } {
  return {
    best: scoredOf(tree.nodes).sort(byBest).slice(0, contextLimits.best),
    failures: tree.nodes.filter((node) => node.state === 'failed').slice(-contextLimits.failures),
  };
}

function get(tree: SearchTree, id: number): SearchNode {
  const node = tree.nodes.find((candidate) => candidate.id === id);
  if (!node) throw new NotFoundError(`node #${id}`);
  return node;
}

/**
 * P(v) of TREX: the path from the root to the node, root first; at most eight nodes, the root and the last seven.
 * @throws NotFoundError
 */
export function pathTo(tree: SearchTree, id: number): SearchNode[] {
  const byId = new Map(tree.nodes.map((node) => [node.id, node]));
  const path: SearchNode[] = [];
  let node: SearchNode | undefined = get(tree, id);
  while (node && path.length < tree.nodes.length) {
    path.unshift(node);
    node = node.parentId === null ? undefined : byId.get(node.parentId);
  }
  const most = contextLimits.path;
  return path.length <= most ? path : [path[0] as SearchNode, ...path.slice(1 - most)];
}

/**
 * S(v) of TREX for a node about to be added below `parentId`: its children so far, also running ones. At most twelve:
 * the best six and the latest others, in order of creation.
 * @throws NotFoundError
 */
export function childrenOf(tree: SearchTree, parentId: number): SearchNode[] {
  get(tree, parentId);
  const children = tree.nodes.filter((node) => node.parentId === parentId);
  const most = contextLimits.siblings;
  if (children.length <= most) return children;
  const kept = new Set(
    scoredOf(children)
      .sort(byBest)
      .slice(0, most / 2),
  );
  for (const child of [...children].reverse()) if (kept.size < most) kept.add(child);
  return children.filter((child) => kept.has(child));
}

/**
 * The other children of the node's parent, bounded like `childrenOf`; none for the root.
 * @throws NotFoundError
 */
export function siblingsOf(tree: SearchTree, id: number): SearchNode[] {
  const { parentId } = get(tree, id);
  if (parentId === null) return [];
  const others = { nodes: tree.nodes.filter((node) => node.id !== id) };
  return childrenOf(others, parentId);
}
