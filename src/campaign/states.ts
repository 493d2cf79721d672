/** State of a campaign. In `stopped`, `finished` and `failed` it has ended; people can continue the first two. */
export const campaignStates = [
  'intake', // the request is being clarified
  'ready', // brief card shown, waits for Start
  'searching', // the tree grows
  'confirming', // finalists are repeated with fresh seeds on the select split, test is opened
  'finished',
  'stopped',
  'failed',
] as const;
export type CampaignState = (typeof campaignStates)[number];

export const nodeStates = [
  'planned', // proposed and priced, nothing reserved yet
  'awaiting_approval', // parked until a person decides
  'running', // trials are on the cluster
  'scored',
  'failed', // no trial gave a score; says why
  'withdrawn', // never ran: rejected, banned by steering, or the campaign ended
] as const;
export type NodeState = (typeof nodeStates)[number];

export const trialStates = ['planned', 'submitted', 'running', 'scored', 'failed', 'withdrawn'] as const;
export type TrialState = (typeof trialStates)[number];

export const approvalStates = ['pending', 'approved', 'rejected', 'withdrawn'] as const;
export type ApprovalState = (typeof approvalStates)[number];

/** Subject of an approval: the cost of a node, or code that it would run. */
export const approvalKinds = ['money', 'code'] as const;
export type ApprovalKind = (typeof approvalKinds)[number];

/** TREX's four strategies (arXiv 2604.14116, Table 4). */
export const strategies = [
  'establish_baseline',
  'refine_data_pipeline',
  'construct_synthetic_data',
  'adjust_training_scheme',
] as const;
export type Strategy = (typeof strategies)[number];

const campaignNext: Record<CampaignState, readonly CampaignState[]> = {
  intake: ['ready', 'stopped', 'failed'],
  ready: ['intake', 'searching', 'stopped', 'failed'],
  searching: ['confirming', 'stopped', 'failed'],
  confirming: ['finished', 'searching', 'stopped', 'failed'],
  finished: ['searching'],
  stopped: ['searching'],
  failed: [],
};

const nodeNext: Record<NodeState, readonly NodeState[]> = {
  planned: ['awaiting_approval', 'running', 'withdrawn', 'failed'],
  awaiting_approval: ['running', 'withdrawn', 'planned'],
  running: ['scored', 'failed', 'withdrawn'],
  scored: [],
  failed: [],
  // The baseline of a campaign that was stopped before it was measured, and is continued.
  withdrawn: ['running'],
};

/** The campaign has ended: nothing runs and nothing is spent, unless people continue it. */
export const isFinalCampaign = (state: CampaignState): boolean =>
  state === 'finished' || state === 'stopped' || state === 'failed';
/** Jobs may run and money may be spent. */
export const isActiveCampaign = (state: CampaignState): boolean =>
  state === 'searching' || state === 'confirming';
export const isFinalNode = (state: NodeState): boolean =>
  state === 'scored' || state === 'failed' || state === 'withdrawn';
export const isFinalTrial = (state: TrialState): boolean =>
  state === 'scored' || state === 'failed' || state === 'withdrawn';
/** The states of a trial that may still give a score. */
export const openTrialStates: readonly TrialState[] = trialStates.filter((state) => !isFinalTrial(state));
export const mayMoveCampaign = (from: CampaignState, to: CampaignState): boolean =>
  campaignNext[from].includes(to);
/** The node runs, or will when the cluster permits: no person has to decide for that. */
export const isUnderWay = (state: NodeState): boolean => state === 'planned' || state === 'running';

export const mayMoveNode = (from: NodeState, to: NodeState): boolean => nodeNext[from].includes(to);
