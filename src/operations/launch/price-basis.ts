import type { PlannedNode } from '../../campaign/planned-node.ts';
import { measuredText, notMeasured } from '../../report/sentences/probe.ts';
import type { Context } from '../context.ts';
import type { Tree } from '../view/load-tree.ts';
import { probeOf } from './launch-probe.ts';

/** The source of a node's price where it has to be named: a probe, or a formula alone. Whole runs need no remark. */
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
