import type { WaitView } from '../../campaign/view.ts';
import type { JobRow } from '../../store/jobs.ts';
import type { NodeRow } from '../../store/nodes.ts';
import type { TrialRow } from '../../store/trials.ts';

/** Trials that wait on the cluster; a trial of which any job runs is not among them. */
export function waitsByTrial(jobs: readonly JobRow[]): Map<number, WaitView> {
  const open = jobs.filter(({ state }) => state === 'intent' || state === 'live');
  const waits = new Map<number, WaitView>();
  for (const { trialId, wait, reason } of open) {
    if (wait !== null)
      waits.set(trialId, { since: wait.since, why: reason ?? '', needsPeople: wait.needsPeople });
  }
  for (const { trialId, state, wait } of open) if (state === 'live' && wait === null) waits.delete(trialId);
  return waits;
}

/** The wait of a node as a whole, its longest one; undefined while anything of it runs, or may be starting. */
export function waitOfNode(
  node: Pick<NodeRow, 'id'>,
  trials: readonly Pick<TrialRow, 'id' | 'nodeId'>[],
  jobs: readonly JobRow[],
): WaitView | undefined {
  const own = new Set(trials.filter(({ nodeId }) => nodeId === node.id).map(({ id }) => id));
  const waits = waitsByTrial(jobs);
  const live = jobs.filter(({ trialId, state }) => own.has(trialId) && state === 'live');
  if (live.some(({ trialId }) => !waits.has(trialId))) return undefined;
  const found = [...waits].flatMap(([trialId, wait]) => (own.has(trialId) ? [wait] : []));
  return found.sort((a, b) => Date.parse(a.since) - Date.parse(b.since))[0];
}
