import type { CampaignView, NodeView } from '../../campaign/view.ts';

/** The numbers in the headline of every picture and sentence, counted once. */
export interface Headline {
  nodes: number;
  running: number;
  /** Nodes whose runs the cluster has not begun. */
  queued: number;
  /** Nodes that wait for approval. */
  waiting: number;
  failed: number;
  withdrawn: number;
  scored: number;
  best: NodeView | null;
  baseline: NodeView | null;
  /** Best minus baseline on search; null without both or when they are the same node. */
  gain: number | null;
  /** The gain is more than noise: a paired test says so, or the two intervals do not touch. */
  gainHolds: boolean;
}

/** Number of the node that carries the star: the confirmed winner, before that the best on search whose weights are kept. */
export const starOf = (view: CampaignView): number | null =>
  view.final?.winner ?? view.kept?.best?.node ?? view.best;

export function headlineOf(view: CampaignView): Headline {
  const count = (state: NodeView['state']): number =>
    view.nodes.reduce((sum, node) => sum + (node.state === state ? 1 : 0), 0);
  const best = view.nodes.find((node) => node.number === starOf(view) && node.score !== null) ?? null;
  const baseline = view.nodes.find((node) => node.parent === null) ?? null;
  const from = baseline?.score ?? null;
  const apart = best?.score && from && best !== baseline ? { best: best.score, from } : null;
  return {
    nodes: view.nodes.length,
    running: view.nodes.filter(isTraining).length,
    queued: view.nodes.filter(isQueued).length,
    waiting: count('awaiting_approval'),
    failed: count('failed'),
    withdrawn: count('withdrawn'),
    scored: count('scored'),
    best,
    baseline,
    gain: apart ? apart.best.value - apart.from.value : null,
    gainHolds:
      apart !== null &&
      (apart.best.low > apart.from.high ||
        (best?.parent === baseline?.number && (best?.delta?.low ?? 0) > 0) ||
        (view.final?.testDifference.low ?? 0) > 0),
  };
}

/** No money is involved: cost columns are left out. */
export const isFree = (view: CampaignView): boolean =>
  view.budget.limit.usd === null &&
  view.budget.spent.usd === 0 &&
  view.nodes.every((node) => !(node.cost.usd > 0));

/** Some of its jobs train or answer; false while all of them wait on the cluster. */
export const isTraining = (node: NodeView): boolean => node.state === 'running' && node.waiting === undefined;

/** All of its unfinished jobs wait on the cluster. */
export const isQueued = (node: NodeView): boolean => node.state === 'running' && node.waiting !== undefined;

/** Share of a node's training that is done, in [0, 1]; null when no trial reports it. */
export function progressOf(node: NodeView): number | null {
  if (node.trials.length === 0 || node.trials.every((trial) => trial.progress === null)) return null;
  const done = node.trials.reduce(
    (sum, trial) =>
      sum +
      (trial.state === 'scored' || trial.state === 'failed'
        ? 1
        : Math.min(1, Math.max(0, trial.progress ?? 0))),
    0,
  );
  return done / node.trials.length;
}

/** Evidence about the difference to the parent. */
export type Evidence = 'better' | 'worse' | 'even' | 'unknown';

export function evidenceOf(node: NodeView): Evidence {
  if (node.delta === null) return 'unknown';
  if (node.delta.low > 0) return 'better';
  return node.delta.high < 0 ? 'worse' : 'even';
}
