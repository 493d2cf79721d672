import { moveNode } from '../../store/nodes.ts';
import { insertTrial } from '../../store/trials.ts';
import type { ActiveChange } from '../change-campaign.ts';
import { rootOf, searchTrials, type Tree } from '../view/load-tree.ts';
import { launchJob } from './launch-node.ts';

/**
 * Launches the untrained model again, in the transaction that continues a campaign which was stopped before it was
 * measured. Does nothing where it has its score, or was never started.
 * @throws BudgetExceeded
 */
export async function relaunchBaseline(change: ActiveChange, tree: Tree): Promise<void> {
  const { tx, at } = change;
  const root = rootOf(tree);
  const last = root === undefined ? undefined : searchTrials(tree, root.id).at(-1);
  if (root?.state !== 'withdrawn' || last === undefined) return;
  const { id: _id, outcome: _outcome, ...same } = last;
  const trial = await insertTrial(tx, {
    ...same,
    index: last.index + 1,
    state: 'planned',
    failure: null,
    progress: null,
    createdAt: at,
    finishedAt: null,
  });
  await moveNode(tx, root.id, 'withdrawn', 'running', { failure: null, startedAt: at, finishedAt: null });
  await launchJob(change, {
    node: root.number,
    trial,
    kind: 'run',
    attempt: 1,
    ceilingSeconds: last.ceilingSeconds,
  });
}
