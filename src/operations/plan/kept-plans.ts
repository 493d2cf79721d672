import type { Proposal } from '../../campaign/proposal.ts';
import { canonicalJson, hashOf } from '../../lib/hash.ts';
import { type NodeRow, updateNode } from '../../store/nodes.ts';
import type { KeptPlan } from '../../store/schema.ts';
import type { Context } from '../context.ts';
import type { Tree } from '../view/load-tree.ts';

/**
 * The model's proposal below a node that could not be used yet: too expensive for the budget left, or while enough
 * approvals are open. It is tried again at every pass without another model call.
 * @returns undefined when the model may be asked: nothing is kept, steering has changed since, or the model had no
 * proposal and the tree has changed since; null: it had none, and nothing has changed
 */
export function keptBelow(tree: Tree, parent: NodeRow): Proposal | null | undefined {
  const { kept } = parent;
  if (kept === null || kept.steering !== hashOf(tree.campaign.steering)) return undefined;
  if (kept.proposal !== null) return kept.proposal;
  return kept.tree === shapeOf(tree) ? null : undefined;
}

/** @param proposal null: the model had no plan */
export async function keepBelow(
  ctx: Context,
  tree: Tree,
  parent: NodeRow,
  proposal: Proposal | null,
): Promise<void> {
  const kept: KeptPlan = {
    proposal,
    steering: hashOf(tree.campaign.steering),
    tree: proposal === null ? shapeOf(tree) : '',
  };
  if (canonicalJson(kept) !== canonicalJson(parent.kept)) await updateNode(ctx.db, parent.id, { kept });
}

export async function dropKept(ctx: Context, parent: NodeRow): Promise<void> {
  if (parent.kept !== null) await updateNode(ctx.db, parent.id, { kept: null });
}

/** Everything that a proposal depends on: what has run and with which result, and what may still be spent. */
const shapeOf = ({ campaign, nodes, trials, totals }: Tree): string =>
  hashOf({
    nodes: nodes.map(({ number, state }) => [number, state]),
    trials: trials.map(({ id, state }) => [id, state]),
    budget: campaign.brief.budget,
    totals,
  });
