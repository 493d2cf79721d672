import { measuredText, notMeasured } from '../../report/thread-text.ts';
import type { Context } from '../context.ts';
import type { PlannedNode } from '../plan/plan-node.ts';
import type { Tree } from '../view/load-tree.ts';
import { probeOf } from './launch-probe.ts';

/** Where the price of a node comes from, where that has to be said: a probe, or a formula alone. Whole runs speak for themselves. */
export function priceBasis(
  ctx: Context,
  tree: Tree,
  { trials }: Pick<PlannedNode, 'trials'>,
): { basis?: string } {
  const [trial] = trials;
  if (trial === undefined) return {};
  const pace = probeOf(ctx, tree, trial)?.outcome?.pace;
  if (pace !== undefined) return { basis: measuredText(pace) };
  return trial.isMeasured === false ? { basis: notMeasured } : {};
}
