import type { CostLimit } from '../../campaign/brief.ts';
import { ceilingScale, costOf, scaleCost, secondsOf } from '../../campaign/cost.ts';
import type { PlannedNode, PlannedTrial } from '../../campaign/planned-node.ts';
import { priceOf } from '../../campaign/price.ts';
import { neededCeiling } from '../../executor/needed-ceiling.ts';
import { insertJob } from '../../store/jobs.ts';
import { budgetLeft, ledgerTotals, reserve } from '../../store/ledger.ts';
import { insertNode, moveNode, type NodeRow } from '../../store/nodes.ts';
import type { JobKind } from '../../store/schema.ts';
import { insertTrials, type TrialRow, updateTrial } from '../../store/trials.ts';
import { type ActiveChange, changeActiveCampaign } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { costsAt } from '../plan/plan-node.ts';
import { showProgress } from '../say.ts';
import { jobKey } from './job-key.ts';

export type Inserted = 'running' | 'awaiting_approval' | 'over_budget' | 'not_searching';

/** The root: the untrained base model, scored. */
export async function insertBaseline(
  ctx: Context,
  campaignId: string,
  planned: PlannedTrial,
): Promise<Inserted> {
  return changeActiveCampaign(ctx, campaignId, async (change): Promise<Inserted> => {
    const { tx, campaign, at } = change;
    if (campaign.state !== 'searching' || campaign.paused) return 'not_searching';
    const left = budgetLeft(campaign.brief.budget, await ledgerTotals(tx, campaignId));
    const usdPerHour = priceOf(ctx.settings, campaign);
    const trial = { ...planned, ...costsAt(planned, usdPerHour) };
    const share = ceilingScale(trial.expected, trial.ceiling, left);
    if (share === null) return 'over_budget';
    const priced = scaleCost(trial.ceiling, share);
    const roomy = neededCeiling(trial.expected.computeSeconds, priced.computeSeconds, {
      left: secondsOf(left, usdPerHour),
      isMeasured: planned.isMeasured === true,
    });
    const node = await insertNode(tx, {
      campaignId,
      parentId: null,
      state: 'planned',
      strategy: 'establish_baseline',
      title: `${planned.spec.baseModel}, untrained`,
      hypothesis: 'Where the base model stands before any training; everything is compared with it.',
      factors: [],
      refutedBy: '',
      createdAt: at,
    });
    const trials = await insertTrials(
      tx,
      trialValues(node, [{ ...trial, ceiling: costOf(roomy, usdPerHour) }], at),
    );
    await launchNode(change, node, trials, 'planned');
    return 'running';
  });
}

/**
 * Reserves the ceiling of every trial and records the jobs to submit, in the caller's transaction.
 * @throws BudgetExceeded when the budget does not suffice; the transaction is then to be rolled back
 */
export async function launchNode(
  change: ActiveChange,
  node: NodeRow,
  trials: TrialRow[],
  from: 'planned' | 'awaiting_approval',
): Promise<void> {
  const { tx, campaign, at } = change;
  for (const trial of trials)
    await launchJob(change, {
      node: node.number,
      trial,
      kind: 'run',
      attempt: 1,
      ceilingSeconds: trial.ceilingSeconds,
    });
  await moveNode(tx, node.id, from, 'running', { startedAt: at });
  await showProgress(tx, campaign, at);
}

/** A job that does not exist yet. */
interface NewJob {
  /** Number of the node. */
  node: number;
  trial: TrialRow;
  kind: JobKind;
  /** From 1 on. */
  attempt: number;
  ceilingSeconds: number;
}

/**
 * One job: money reserved, then the intent to submit it; dollars by the price that holds now.
 * @throws BudgetExceeded
 */
export async function launchJob(
  { ctx, tx, campaign, at }: ActiveChange,
  { node, trial, kind, attempt, ceilingSeconds }: NewJob,
): Promise<void> {
  const ceiling = costOf(ceilingSeconds, priceOf(ctx.settings, campaign));
  const key = jobKey({ campaignId: campaign.id, node, trial: trial.index, kind, attempt });
  const held = await reserve(tx, campaign.brief.budget, {
    key,
    campaignId: campaign.id,
    trialId: trial.id,
    purpose: 'compute',
    ceiling,
    at,
  });
  if (!held) throw new BudgetExceeded(key);
  await insertJob(tx, {
    key,
    campaignId: campaign.id,
    trialId: trial.id,
    kind,
    attempt,
    state: 'intent',
    limitSeconds: ceilingSeconds,
    createdAt: at,
  });
  if (kind !== 'test') await updateTrial(tx, trial.id, { state: 'submitted' });
}

/** The budget does not cover a job; the caller decides what that means. Rolls the transaction back. */
export class BudgetExceeded extends Error {
  constructor(key: string) {
    super(`the budget does not suffice for ${key}`);
    this.name = 'BudgetExceeded';
  }
}

export function trialValues(node: NodeRow, trials: PlannedTrial[], at: Date) {
  return trials.map((trial, index) => ({
    campaignId: node.campaignId,
    nodeId: node.id,
    index,
    purpose: 'search' as const,
    state: 'planned' as const,
    spec: trial.spec,
    specHash: trial.specHash,
    changes: trial.changes,
    predictedSeconds: trial.predictedSeconds,
    expectedSeconds: trial.expected.computeSeconds,
    ceilingSeconds: trial.ceiling.computeSeconds,
    expectedUsd: trial.expected.usd,
    ceilingUsd: trial.ceiling.usd,
    createdAt: at,
  }));
}

export function fitInto(planned: PlannedNode, left: CostLimit): PlannedNode | null {
  const share = ceilingScale(planned.expected, planned.ceiling, left);
  if (share === null || share === 1) return share === null ? null : planned;
  return {
    ...planned,
    ceiling: scaleCost(planned.ceiling, share),
    trials: planned.trials.map((trial) => withCeiling(trial, share)),
  };
}

const withCeiling = (trial: PlannedTrial, share: number): PlannedTrial => ({
  ...trial,
  ceiling: scaleCost(trial.ceiling, share),
});
