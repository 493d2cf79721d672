import { TrexError } from '../lib/errors.ts';
import { clippedRewards, normaliseRewards } from './rewards.ts';
import type { PolicySettings, SearchNode, SearchTree } from './types.ts';

/** Statistics of a node, computed from the tree alone; there is no other state. */
export interface NodeStatistics {
  node: SearchNode;
  /** Null for the root. */
  parent: NodeStatistics | null;
  /** In order of creation. */
  children: NodeStatistics[];
  /** Edges from the root, which has 0. */
  depth: number;
  /** The node's own reward in [0, 1]; null unless scored. */
  reward: number | null;
  /** Scored nodes in the subtree, the node itself included. Failed and withdrawn nodes never count. */
  visits: number;
  /** Pending nodes in the subtree, the node itself included. */
  inFlight: number;
  /** Sum of the rewards in the subtree; divided by `visits` it is Q/N. */
  accumulated: number;
  /** The node or one of its ancestors waits on a person. */
  parked: boolean;
}

/**
 * Statistics of every node, by id, in order of creation.
 * @throws TrexError `tree_broken` when a parent is unknown or comes later, an id returns, there is a second root, or
 * a scored node has no finite value.
 */
export function treeStatistics(
  tree: SearchTree,
  rewards: PolicySettings['rewards'] = 'clipped',
): Map<number, NodeStatistics> {
  const scored = tree.nodes.filter((node) => node.state === 'scored');
  const values = scored.map((node) => {
    if (node.value === null || !Number.isFinite(node.value))
      broken(`node ${node.id} is scored without a value`);
    return node.value as number;
  });
  const normalised = rewards === 'clipped' ? clippedRewards(values) : normaliseRewards(values);
  const rewardOf = new Map(scored.map((node, i) => [node.id, normalised[i] as number]));

  const all = new Map<number, NodeStatistics>();
  for (const node of tree.nodes) {
    if (all.has(node.id)) broken(`node ${node.id} appears twice`);
    const parent = node.parentId === null ? null : (all.get(node.parentId) ?? null);
    if (parent === null && all.size > 0) broken(`node ${node.id} has no parent before it`);
    const reward = rewardOf.get(node.id) ?? null;
    const statistics: NodeStatistics = {
      node,
      parent,
      children: [],
      depth: parent ? parent.depth + 1 : 0,
      reward,
      visits: reward === null ? 0 : 1,
      inFlight: node.state === 'pending' ? 1 : 0,
      accumulated: reward ?? 0,
      parked: node.parked || (parent?.parked ?? false),
    };
    parent?.children.push(statistics);
    all.set(node.id, statistics);
  }
  // Children come after their parents, so one pass backwards sums up every subtree.
  for (const statistics of [...all.values()].reverse()) {
    if (!statistics.parent) continue;
    statistics.parent.visits += statistics.visits;
    statistics.parent.inFlight += statistics.inFlight;
    statistics.parent.accumulated += statistics.accumulated;
  }
  return all;
}

function broken(what: string): never {
  throw new TrexError('tree_broken', 'ours', `The search tree is inconsistent: ${what}.`);
}
