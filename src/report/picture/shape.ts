import type { CampaignView, NodeView } from '../../campaign/view.ts';
import { starOf } from './facts.ts';

/** A node in its place in the tree. */
export interface Branch {
  node: NodeView;
  parent: Branch | null;
  /** In order of number. */
  children: Branch[];
  /** Lies between the root and the best node, both included. */
  onPath: boolean;
  /** Best score in the subtree; −Infinity when nothing in it has one. */
  bestBelow: number;
}

export interface Shape {
  roots: Branch[];
  /** Every node once, parents before their children. */
  order: Branch[];
  best: Branch | null;
  /** Root first, best node last; empty without a best node. */
  path: Branch[];
}

export const scoreOf = (node: NodeView): number | null =>
  node.score !== null && Number.isFinite(node.score.value) ? node.score.value : null;

/**
 * The tree of a view, even of damaged data: an unknown parent makes a root, a circle is cut open. No recursion: a chain
 * of 10,000 nodes is fine.
 */
export function shapeOf(view: CampaignView): Shape {
  const branches = view.nodes.map(
    (node): Branch => ({ node, parent: null, children: [], onPath: false, bestBelow: -Infinity }),
  );
  const byNumber = new Map<number, Branch>();
  for (const branch of branches)
    if (!byNumber.has(branch.node.number)) byNumber.set(branch.node.number, branch);
  for (const branch of branches) {
    const parent = branch.node.parent === null ? undefined : byNumber.get(branch.node.parent);
    if (parent === undefined || parent === branch) continue;
    branch.parent = parent;
    parent.children.push(branch);
  }
  for (const branch of branches) branch.children.sort((a, b) => a.node.number - b.node.number);

  const roots: Branch[] = [];
  const order: Branch[] = [];
  const seen = new Set<Branch>();
  const take = (root: Branch): void => {
    if (root.parent) {
      root.parent.children = root.parent.children.filter((child) => child !== root);
      root.parent = null;
    }
    roots.push(root);
    const open = [root];
    for (let branch = open.pop(); branch; branch = open.pop()) {
      seen.add(branch);
      order.push(branch);
      for (const child of branch.children) open.push(child);
    }
  };
  for (const branch of branches) if (branch.parent === null) take(branch);
  for (const branch of branches) if (!seen.has(branch)) take(branch);

  for (let i = order.length - 1; i >= 0; i--) {
    const branch = order[i]!;
    branch.bestBelow = Math.max(branch.bestBelow, scoreOf(branch.node) ?? -Infinity);
    if (branch.parent) branch.parent.bestBelow = Math.max(branch.parent.bestBelow, branch.bestBelow);
  }

  const best = byNumber.get(starOf(view) ?? Number.NaN) ?? null;
  const path: Branch[] = [];
  for (let branch = best; branch; branch = branch.parent) {
    branch.onPath = true;
    path.push(branch);
  }
  return { roots, order, best, path: path.reverse() };
}

/** The child that continues its parent's line: on the way to the best node, else the best subtree, else the newest. */
export function mainChild(branch: Branch): Branch | null {
  let main: Branch | null = null;
  for (const child of branch.children) {
    if (child.onPath) return child;
    if (main === null || child.bestBelow >= main.bestBelow) main = child;
  }
  return main;
}

/** Share of scored nodes that are worse, in [0, 1]: an outlier does not take all the contrast. */
export function rankOf(view: CampaignView): (value: number) => number {
  const values = view.nodes.flatMap((node) => scoreOf(node) ?? []);
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const ranks = new Map(
    distinct.map((value, i) => [value, distinct.length < 2 ? 1 : i / (distinct.length - 1)]),
  );
  return (value) => ranks.get(value) ?? 0;
}
