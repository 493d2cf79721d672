import { createRng } from '../lib/rng.ts';
import { type NodeStatistics, treeStatistics } from './statistics.ts';
import type { Ask, PolicySettings, SearchTree } from './types.ts';

/** Whether a child can be added below a node now: `free`, or the reason why not. */
type Room = 'free' | 'unscored' | 'parked' | 'closed' | 'full' | 'busy';

function roomBelow(stats: NodeStatistics, settings: PolicySettings): Room {
  if (stats.node.state !== 'scored') return 'unscored';
  if (stats.parked) return 'parked';
  if (stats.node.closed) return 'closed';
  if (stats.children.length >= settings.maxChildren) return 'full';
  const running = stats.children.filter((child) => child.node.state === 'pending' && !child.node.parked);
  return running.length >= settings.maxPendingChildren ? 'busy' : 'free';
}

/**
 * Progressive widening (Coulom 2007; Couëtoux et al. 2011, with C = 2 and alpha = 1/2): a node may have 2·sqrt(visits)
 * children, so that a branch earns breadth by results. In-flight nodes count as visits, failed and withdrawn ones as
 * neither: a new node may have 2 children, a node with only leaves below at most 5, one with 16 visits 8.
 */
function hasWidth(stats: NodeStatistics): boolean {
  const living = stats.children.filter(({ node: { state } }) => state === 'scored' || state === 'pending');
  return living.length < Math.ceil(2 * Math.sqrt(stats.visits + stats.inFlight));
}

/**
 * UCT(v) = Q(v)/N(v) + c·sqrt(ln N(parent)/N(v)); the root is its own parent. In-flight nodes enter both N of the
 * exploration term and not the mean (WU-UCT, Liu et al. 2020, arXiv 1810.11755): a virtual loss that sends the next
 * ask elsewhere without calling a good branch bad.
 */
export function uctScore(stats: NodeStatistics, exploration: number): { mean: number; bonus: number } {
  const visits = (of: NodeStatistics): number => of.visits + of.inFlight;
  return {
    mean: stats.accumulated / stats.visits,
    bonus: exploration * Math.sqrt(Math.log(visits(stats.parent ?? stats)) / visits(stats)),
  };
}

const tolerance = 1e-12;

/** One of the highest, drawn by the seed. Callers mix the size of the tree into it, so that ties fall differently. */
function pickBest<T>(candidates: readonly T[], score: (candidate: T) => number, seed: number): T {
  const scores = candidates.map(score);
  const best = Math.max(...scores);
  return createRng(seed).pick(candidates.filter((_, i) => (scores[i] as number) >= best - tolerance));
}

const fixed = (value: number): string => value.toFixed(2);

function askUct(free: NodeStatistics[], inFlight: boolean, settings: PolicySettings, seed: number): Ask {
  const wide = free.filter(hasWidth);
  // When every open node is at its width and nothing is running, ignore the width rather than end the campaign.
  if (wide.length === 0 && inFlight) {
    return { kind: 'wait', reason: 'Every open node has enough children until running ones are scored.' };
  }
  const candidates = wide.length > 0 ? wide : free;
  const total = (stats: NodeStatistics): number => {
    const { mean, bonus } = uctScore(stats, settings.exploration);
    return mean + bonus;
  };
  const chosen = pickBest(candidates, total, seed);
  const { mean, bonus } = uctScore(chosen, settings.exploration);
  const reason = `#${chosen.node.id} has the highest UCT: mean reward ${fixed(mean)} over ${chosen.visits}, exploration ${fixed(bonus)}.`;
  return { kind: 'expand', parentId: chosen.node.id, reason };
}

function askGreedy(free: NodeStatistics[], seed: number): Ask {
  const chosen = pickBest(free, (candidate) => candidate.node.value as number, seed);
  return { kind: 'expand', parentId: chosen.node.id, reason: `#${chosen.node.id} has the best score.` };
}

/** Expands the last scored node; falls back to an older one only where that is closed for good, not while it is busy. */
function askSequential(all: NodeStatistics[], settings: PolicySettings): Ask {
  for (const candidate of [...all].reverse()) {
    const room = roomBelow(candidate, settings);
    if (room === 'free') {
      return {
        kind: 'expand',
        parentId: candidate.node.id,
        reason: `#${candidate.node.id} is the latest scored.`,
      };
    }
    if (room === 'busy')
      return { kind: 'wait', reason: `#${candidate.node.id} has nodes in flight below it.` };
  }
  return { kind: 'exhausted', reason: 'No node is open.' };
}

/**
 * Decides where the tree grows next: below pinned nodes while they have room, else as the policy says. Pure: the same
 * tree and settings give the same answer, and everything is computed from the tree. Only scored nodes are expanded;
 * failed and withdrawn ones are leaves for ever, pending ones and all below a parked node wait. Between two asks the
 * caller adds the node that the first one answered.
 * @throws TrexError `tree_broken`
 */
export function ask(tree: SearchTree, settings: PolicySettings): Ask {
  const root = tree.nodes[0];
  if (!root) return { kind: 'root', reason: 'The baseline comes first.' };
  const all = [...treeStatistics(tree, settings.rewards).values()];
  if (root.state === 'pending') return { kind: 'wait', reason: 'The baseline is not scored yet.' };
  if (root.state !== 'scored') return { kind: 'exhausted', reason: 'There is no baseline to grow from.' };

  const rooms = all.map((stats) => roomBelow(stats, settings));
  const free = all.filter((_, i) => rooms[i] === 'free');
  const running = all.filter(({ node, parked }) => node.state === 'pending' && !parked).length;
  if (free.length === 0) {
    if (running > 0) return { kind: 'wait', reason: `${running} in flight, and no other node is open.` };
    const asked = all.some(
      ({ node, parked }) => parked && (node.state === 'pending' || node.state === 'scored'),
    );
    return asked
      ? { kind: 'wait', reason: 'Every open branch waits for a person.' }
      : { kind: 'exhausted', reason: 'Every node is closed or has all the children it may have.' };
  }
  const seed = settings.seed + Math.imul(tree.nodes.length, 0x9e3779b1);
  const pinned = free.filter(({ node }) => node.pinned === true);
  if (pinned.length > 0) {
    const chosen = pickBest(pinned, (candidate) => candidate.node.value as number, seed);
    return { kind: 'expand', parentId: chosen.node.id, reason: `#${chosen.node.id} is pinned.` };
  }
  switch (settings.kind) {
    case 'uct':
      return askUct(free, running > 0, settings, seed);
    case 'greedy':
      return askGreedy(free, seed);
    case 'sequential':
      return askSequential(all, settings);
  }
}
