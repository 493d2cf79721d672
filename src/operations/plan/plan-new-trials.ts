import { isWithdrawnByEnd } from '../../campaign/failure.ts';
import type { PlannedNode } from '../../campaign/planned-node.ts';
import type { Proposal } from '../../campaign/proposal.ts';
import { asError, DataDamagedError, TrexError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import type { Tree } from '../view/load-tree.ts';
import { costOfTrials, planNode } from './plan-node.ts';

/**
 * Plans a proposal without the trials that the tree has run already; null when nothing of it is new.
 * @throws TrexError what `planNode` throws
 */
export async function planNewTrials(
  ctx: Context,
  tree: Tree,
  proposal: Proposal,
): Promise<PlannedNode | null> {
  const planned = await planNode(ctx, tree.campaign, proposal);
  // The specs of a node with new code are estimates: its own are not known yet.
  if (planned.unseenCode !== null) return planned;
  const known = new Set(tree.trials.flatMap((t) => (isWithdrawnByEnd(t) ? [] : [t.specHash])));
  const trials = planned.trials.filter((t) => !known.has(t.specHash));
  if (trials.length === planned.trials.length) return planned;
  if (trials.length === 0) return null;
  return { ...planned, trials, ...costOfTrials(trials) };
}

/** The same, and null as well when it turns out to be impossible: no rows left, too much memory. */
export async function tryPlan(ctx: Context, tree: Tree, proposal: Proposal): Promise<PlannedNode | null> {
  try {
    return await planNewTrials(ctx, tree, proposal);
  } catch (error) {
    if (!(error instanceof TrexError) || error instanceof DataDamagedError) throw error;
    ctx.log.warn({ err: asError(error), title: proposal.title }, 'proposal.impossible');
    return null;
  }
}
