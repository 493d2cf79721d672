/** A node that has ended. */
export interface EndedNode {
  number: number;
  /** Metric on search; null for a node that failed. */
  value: number | null;
  /** False for the untrained model. */
  isTrained: boolean;
  costSeconds: number;
}

/** The gain of the second half of the compute, so far. */
export interface LastDoubling {
  /** Number of the best node when half as much was spent, and now. */
  before: number;
  best: number;
  beforeSeconds: number;
  spentSeconds: number;
  /** Count of all nodes that have ended, failed ones included. */
  nodes: number;
}

const minTrained = 4;

/**
 * Gains of a search shrink as more is spent, so they are reported per doubling of it (best-so-far against the
 * logarithm of compute). `ended` is in the order in which the nodes ended. Null while too little is known: fewer than
 * four trained nodes with a score, or none in the first half of the compute, where the step from the untrained model
 * would pass for a rate.
 */
export function lastDoubling(ended: readonly EndedNode[]): LastDoubling | null {
  const trained = ended.filter((node) => node.isTrained && node.value !== null);
  const spentSeconds = ended.reduce((sum, node) => sum + node.costSeconds, 0);
  if (trained.length < minTrained || spentSeconds <= 0) return null;
  let sum = 0;
  const early: EndedNode[] = [];
  for (const node of ended) {
    sum += node.costSeconds;
    if (sum * 2 > spentSeconds) break;
    early.push(node);
  }
  const before = bestOf(early);
  const best = bestOf(ended);
  if (before === null || best === null) return null;
  return {
    before: before.number,
    best: best.number,
    beforeSeconds: early.reduce((total, node) => total + node.costSeconds, 0),
    spentSeconds,
    nodes: ended.length,
  };
}

/** The best trained node, the older of equals. */
function bestOf(nodes: readonly EndedNode[]): EndedNode | null {
  let best: EndedNode | null = null;
  for (const node of nodes) {
    if (!node.isTrained || node.value === null) continue;
    if (best === null || node.value > (best.value as number)) best = node;
  }
  return best;
}

/** Doublings of `spentSeconds` that `moreSeconds` on top would be. */
export const doublings = (spentSeconds: number, moreSeconds: number): number =>
  Math.log2((spentSeconds + moreSeconds) / spentSeconds);
