import type { Brief } from '../../campaign/brief.ts';
import type { NodeRow } from '../../store/nodes.ts';
import type { Tree } from './load-tree.ts';

/** Scored nodes that trained something, best search score first; the older of equals. */
export function rankedNodes(tree: Tree): NodeRow[] {
  return tree.nodes
    .filter((n) => n.state === 'scored' && n.parentId !== null && n.score !== null && n.bestTrialId !== null)
    .sort((a, b) => (b.score?.value ?? 0) - (a.score?.value ?? 0) || a.number - b.number);
}

export function reachedTarget(tree: Tree, brief: Brief): boolean {
  // The lower end of the interval, not the value: a lucky run does not end the search.
  return (
    brief.target !== null &&
    tree.nodes.some((n) => n.score !== null && n.score.low >= (brief.target as number))
  );
}
