import { finalists } from '../../executor/ending-cost.ts';
import { listDiscards } from '../../store/discards.ts';
import type { NodeRow } from '../../store/nodes.ts';
import type { Context } from '../context.ts';
import { rankedNodes } from './best-nodes.ts';
import { compareOnSearch } from './compare-on-search.ts';
import { bestTrialOf, type Tree } from './load-tree.ts';

/**
 * The best nodes that the evidence cannot tell from the very best. A node whose weights are gone is no finalist,
 * since the winner has to answer the test rows: such a node fell behind clearly and came close again to a newer best.
 */
export async function pickFinalists(ctx: Context, tree: Tree): Promise<NodeRow[]> {
  const discards = await listDiscards(ctx.db, tree.campaign.id);
  const gone = new Set(discards.filter((row) => row.what === 'weights').map((row) => row.jobKey));
  const ranked = rankedNodes(tree).filter((node) => {
    const runKey = bestTrialOf(tree, node)?.outcome?.runKey;
    return runKey === undefined || !gone.has(runKey);
  });
  const best = ranked[0];
  if (best === undefined) return [];
  const picked = [best];
  for (const node of ranked.slice(1)) {
    if (picked.length >= finalists) break;
    const difference = await compareOnSearch(ctx, node.bestTrialId, best.bestTrialId);
    if (difference !== null && difference.low <= 0) picked.push(node);
  }
  return picked;
}
