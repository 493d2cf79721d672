import type { Brief } from '../../campaign/brief.ts';
import type { Score } from '../../scoring/types.ts';
import type { NodeRow } from '../../store/nodes.ts';
import type { Tree } from './load-tree.ts';

type RankedNode = NodeRow & { score: Score; bestTrialId: number };

const isRanked = (node: NodeRow): node is RankedNode =>
  node.state === 'scored' && node.parentId !== null && node.score !== null && node.bestTrialId !== null;

/** Scored nodes that trained something, best search score first; the older of equals. */
export const rankedNodes = (tree: Tree): RankedNode[] =>
  tree.nodes.filter(isRanked).sort((a, b) => b.score.value - a.score.value || a.number - b.number);

export function reachedTarget(tree: Tree, { target }: Brief): boolean {
  // The lower end of the interval, not the value: a lucky run does not end the search.
  return target !== null && tree.nodes.some((n) => n.score !== null && n.score.low >= target);
}
