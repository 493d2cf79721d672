import { finalists } from '../../executor/ending-cost.ts';
import { listDiscards } from '../../store/discards.ts';
import type { NodeRow } from '../../store/nodes.ts';
import type { Context } from '../context.ts';
import { rankedNodes } from './best-nodes.ts';
import { compareOnSearch } from './compare-on-search.ts';
import { bestTrialOf, type Tree } from './load-tree.ts';

/**
 * The best rounds, as long as the evidence cannot tell them from the very best. A round whose weights are gone is none:
 * whoever wins has to answer the test rows. That takes a round that fell behind clearly and is close again to a newer best.
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
    const difference = await compareOnSearch(ctx, node.bestTrialId as number, best.bestTrialId as number);
    if (difference !== null && difference.low <= 0) picked.push(node);
  }
  return picked;
}
