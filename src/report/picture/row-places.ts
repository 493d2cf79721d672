import type { Branch, Shape } from './shape.ts';
import { mainChild } from './shape.ts';

/** One line of a `git log --graph` like drawing. */
export interface RowPlace {
  branch: Branch;
  /** Column of its rail; 0 holds the best path. */
  lane: number;
  /** Continues the rail of its parent instead of branching off to the right. */
  main: boolean;
  /** Index of the row of its parent (or nearest shown ancestor); null for a root. */
  parentRow: number | null;
  /** Nodes between it and that row are not shown. */
  skips: boolean;
}

/** At most `limit` rows: the best path from its end, open nodes, then the newest. */
function shown(shape: Shape, limit: number): Set<Branch> {
  if (shape.order.length <= limit) return new Set(shape.order);
  const open = (branch: Branch): boolean =>
    branch.node.state === 'running' || branch.node.state === 'awaiting_approval';
  const newest = [...shape.order].sort((a, b) => b.node.number - a.node.number);
  const kept = new Set<Branch>();
  for (const group of [
    shape.roots.slice(0, 1),
    [...shape.path].reverse().slice(0, limit / 2),
    newest.filter(open),
    newest,
  ])
    for (const branch of group) if (kept.size < limit) kept.add(branch);
  return kept;
}

/**
 * Rows from the root down. Side branches come in order of number, each with all that is below it, then the main child
 * on its parent's lane; so a lane is as deep as branching is nested, never as wide as a node has children.
 */
export function rowPlaces(shape: Shape, limit: number): { rows: RowPlace[]; hidden: number } {
  const kept = shown(shape, limit);
  const rows: RowPlace[] = [];
  interface Visit {
    branch: Branch;
    lane: number;
    main: boolean;
    parentRow: number | null;
    skips: boolean;
  }
  const open: Visit[] = [...shape.roots]
    .reverse()
    .map((branch) => ({ branch, lane: 0, main: true, parentRow: null, skips: false }));
  for (let visit = open.pop(); visit; visit = open.pop()) {
    const { branch, lane } = visit;
    const here = kept.has(branch);
    if (here) rows.push(visit);
    const parentRow = here ? rows.length - 1 : visit.parentRow;
    const skips = here ? false : visit.parentRow !== null;
    const main = mainChild(branch);
    // A hidden node passes its own place to its main child.
    if (main) open.push({ branch: main, lane, main: here ? true : visit.main, parentRow, skips });
    for (let i = branch.children.length - 1; i >= 0; i--) {
      const child = branch.children[i]!;
      if (child !== main) open.push({ branch: child, lane: lane + 1, main: false, parentRow, skips });
    }
  }
  return { rows, hidden: shape.order.length - rows.length };
}
