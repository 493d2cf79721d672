import { endedWithCampaign } from '../../campaign/failure.ts';
import { openTrialStates } from '../../campaign/states.ts';
import { decideApprovalRow, listApprovals } from '../../store/approvals.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { listJobs, updateJob } from '../../store/jobs.ts';
import { listNodes, moveNode } from '../../store/nodes.ts';
import { listTrials, moveTrial } from '../../store/trials.ts';
import { showDecision } from '../approvals/decide-approval.ts';
import { withdrawIntent } from '../launch/withdraw-intent.ts';

/** The columns that change at every end of a campaign. */
export const endValues = (campaign: Pick<CampaignRow, 'ends'>, at: Date) => ({
  finishedAt: at,
  heldBecause: null,
  paused: false,
  wrapUp: null,
  ends: campaign.ends + 1,
});

/**
 * Withdraws everything that is open, in the transaction of the end: approvals, plans, runs. A node with a scored
 * trial stays open for the next pass to close with that score. Jobs on the cluster are marked; the caller ends them
 * there after the transaction, and the jobs loop does if the caller dies first.
 * @param because why, for the jobs that are cancelled: `stopped by Ana`
 * @returns keys of the jobs to end on the cluster
 */
export async function endWork(
  tx: DbOrTx,
  campaign: CampaignRow,
  because: string,
  at: Date,
): Promise<string[]> {
  await withdrawQuestions(tx, campaign, at);
  const trials = await listTrials(tx, campaign.id);
  for (const trial of trials) {
    await moveTrial(tx, trial.id, openTrialStates, 'withdrawn', {
      failure: endedWithCampaign,
      finishedAt: at,
    });
  }
  for (const node of await listNodes(tx, campaign.id)) {
    const hasScore = trials.some(
      (t) => t.nodeId === node.id && t.purpose === 'search' && t.state === 'scored',
    );
    if (
      node.state === 'planned' ||
      node.state === 'awaiting_approval' ||
      (node.state === 'running' && !hasScore)
    )
      await moveNode(tx, node.id, node.state, 'withdrawn', { failure: endedWithCampaign, finishedAt: at });
  }
  const live: string[] = [];
  for (const job of await listJobs(tx, campaign.id)) {
    if (job.state === 'intent') await withdrawIntent(tx, job, at);
    if (job.state !== 'live') continue;
    await updateJob(tx, job.key, { cancelBecause: because });
    live.push(job.key);
  }
  return live;
}

/** Withdraws approvals, and plans that hold no reservation yet. Running jobs go on. */
export async function withdrawPlans(tx: DbOrTx, campaign: CampaignRow, at: Date): Promise<void> {
  await withdrawQuestions(tx, campaign, at);
  const trials = await listTrials(tx, campaign.id);
  for (const node of await listNodes(tx, campaign.id)) {
    if (node.state !== 'planned' && node.state !== 'awaiting_approval') continue;
    await moveNode(tx, node.id, node.state, 'withdrawn', { failure: endedWithCampaign, finishedAt: at });
    for (const { id } of trials.filter((t) => t.nodeId === node.id))
      await moveTrial(tx, id, ['planned'], 'withdrawn', { failure: endedWithCampaign, finishedAt: at });
  }
}

async function withdrawQuestions(tx: DbOrTx, campaign: CampaignRow, at: Date): Promise<void> {
  for (const approval of await listApprovals(tx, campaign.id)) {
    if (await decideApprovalRow(tx, approval.id, { to: 'withdrawn', by: 'system', at }))
      await showDecision(tx, campaign, approval.id, at);
  }
}
