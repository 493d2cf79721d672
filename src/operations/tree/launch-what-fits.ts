import { sumCosts } from '../../campaign/cost.ts';
import type { PlannedNode } from '../../campaign/planned-node.ts';
import { priceOf } from '../../campaign/price.ts';
import { raiseFor } from '../../campaign/raises.ts';
import { isFinalNode } from '../../campaign/states.ts';
import type { WorthNode } from '../../campaign/worth.ts';
import { reducedText } from '../../report/sentences/reduced.ts';
import { budgetLeft } from '../../store/ledger.ts';
import type { NodeRow } from '../../store/nodes.ts';
import { insertPlannedNode } from '../approvals/insert-planned-node.ts';
import { reserveBeside } from '../budget/confirmation-reserve.ts';
import type { Context } from '../context.ts';
import { fitRows } from '../launch/fit-rows.ts';
import type { Inserted } from '../launch/launch-node.ts';
import { launchProbe } from '../launch/launch-probe.ts';
import { priceBasis } from '../launch/price-basis.ts';
import { rankedNodes } from '../view/best-nodes.ts';
import type { Tree } from '../view/load-tree.ts';

export interface NodePlan {
  node: PlannedNode;
  /** Used by the Cheaper button, or when the budget does not suffice. */
  cheaper: PlannedNode | null;
}

/**
 * Launches a planned node, or asks for approval: as it is, or its cheaper version where the budget left does not hold
 * it. A price that is a formula alone is measured before it refuses anything. A campaign that has nothing to end with
 * trains on fewer rows rather than nothing, and says so.
 * @param isLast the proposer has no cheaper proposal
 */
export async function launchWhatFits(
  ctx: Context,
  tree: Tree,
  { parent, node, cheaper, isLast }: NodePlan & { parent: NodeRow; isLast: boolean },
): Promise<Inserted | 'probing'> {
  const usdPerHour = priceOf(ctx.settings, tree.campaign);
  const insert = (planned: PlannedNode, offer: PlannedNode | null): Promise<Inserted> =>
    insertPlannedNode(ctx, tree.campaign, {
      parent,
      plan: planned,
      cheaper: offer,
      keepFree: reserveBeside(tree, planned, usdPerHour),
    });
  const inserted = await insert(node, cheaper);
  if (inserted !== 'over_budget') return inserted;
  // A running job releases part of its reservation when it ends, and measures the time of its kind.
  const isQuiet = tree.nodes.every((n) => isFinalNode(n.state));
  if (isQuiet && (await launchProbe(ctx, tree, node))) return 'probing';
  const isFirst = isQuiet && rankedNodes(tree).length === 0;
  const reduced = (planned: PlannedNode): PlannedNode =>
    isFirst ? { ...planned, note: noteOf(ctx, tree, node, planned) } : planned;
  if (cheaper !== null) {
    const smaller = await insert(reduced(cheaper), null);
    if (smaller !== 'over_budget') return smaller;
  }
  if (!isFirst || !isLast) return inserted;
  const fitted = await fitRows(ctx, tree, cheaper ?? node);
  return fitted === null ? inserted : insert(reduced(fitted), null);
}

function noteOf(ctx: Context, tree: Tree, whole: PlannedNode, planned: PlannedNode): string {
  const usdPerHour = priceOf(ctx.settings, tree.campaign);
  const { budget } = tree.campaign.brief;
  const kept = reserveBeside(tree, whole, usdPerHour);
  const { spent, reserved } = tree.totals;
  const need = sumCosts([spent, reserved, whole.ceiling, kept]);
  return reducedText({
    node: sizeOf(planned),
    whole: sizeOf(whole),
    left: budgetLeft(budget, tree.totals),
    kept,
    ...priceBasis(ctx, tree, whole),
    raise: raiseFor(budget, need),
  });
}

const sizeOf = ({ expected, trace, trials }: PlannedNode): WorthNode => ({
  expected,
  rows: trace.at(-1)?.after ?? 0,
  epochs: Math.max(...trials.map(({ spec }) => spec.training?.epochs ?? 0)),
});
