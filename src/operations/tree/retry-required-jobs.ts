import { ceilingScale, costOf } from '../../campaign/cost.ts';
import { priceOf } from '../../campaign/price.ts';
import { isActiveCampaign, isFinalTrial } from '../../campaign/states.ts';
import type { DbOrTx } from '../../store/db.ts';
import { type JobRow, listJobs } from '../../store/jobs.ts';
import { budgetLeft, ledgerTotals } from '../../store/ledger.ts';
import { listSplitScores, listTrials, type TrialRow } from '../../store/trials.ts';
import { changeActiveCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { askOrEnd } from '../end/end-unconfirmed.ts';
import { launchJob } from '../launch/launch-node.ts';
import { isRequiredJob, maxAttempts } from '../launch/required-jobs.ts';
import type { Tree } from '../view/load-tree.ts';

/** A run that was too slow gets twice the time. */
const secondsOfRepeat = (job: JobRow): number =>
  job.clusterState === 'timeout' ? job.limitSeconds * 2 : job.limitSeconds;

/**
 * Repeats required jobs that ended without an answer, through no fault of the run: one a pass, under a new key. Where
 * the budget does not hold it, people are asked, and it goes on when they raise it.
 * @returns true when it has launched or asked: nothing else can go on before
 */
export async function retryRequiredJobs(ctx: Context, tree: Tree): Promise<boolean> {
  const { id } = tree.campaign;
  const waiting = await listUnansweredJobs(ctx.db, id, tree);
  const [first] = waiting;
  if (first === undefined) return false;
  const { job, trial } = first;
  const node = tree.nodes.find(({ id }) => id === trial.nodeId);
  if (node === undefined) throw new Error(`${job.key} belongs to no node`);
  const launched = await changeActiveCampaign(ctx, id, async (change) => {
    const { tx, campaign } = change;
    if (!isActiveCampaign(campaign.state) || campaign.paused) return true;
    // The tree was read row by row while jobs were settled: the rows under the lock count.
    const now = { campaign, trials: await listTrials(tx, id), jobs: await listJobs(tx, id) };
    if ((await listUnansweredJobs(tx, id, now)).every((one) => one.job.key !== job.key)) return true;
    const ceiling = costOf(secondsOfRepeat(job), priceOf(ctx.settings, campaign));
    const left = budgetLeft(campaign.brief.budget, await ledgerTotals(tx, campaign.id));
    if (ceilingScale(ceiling, ceiling, left) !== 1) return false;
    await launchJob(change, {
      node: node.number,
      trial,
      kind: job.kind,
      attempt: job.attempt + 1,
      ceilingSeconds: ceiling.computeSeconds,
    });
    await recordChange(change, 'job.repeated', { job: job.key, because: job.stop?.code ?? job.clusterState });
    return true;
  });
  if (launched) return true;
  const seconds = waiting.reduce((sum, one) => sum + secondsOfRepeat(one.job), 0);
  const what = job.kind === 'test' ? 'the test rows' : 'the untrained model';
  const ceiling = costOf(seconds, priceOf(ctx.settings, tree.campaign));
  await askOrEnd(ctx, tree, {
    what: `measuring ${what} again`,
    ceiling,
    note: `The first try ${endOf(job)}.`,
    need: ceiling,
  });
  return true;
}

/** The last attempts of required jobs that have ended and left neither answers nor a final failure. */
async function listUnansweredJobs(
  db: DbOrTx,
  campaignId: string,
  tree: Pick<Tree, 'campaign' | 'trials' | 'jobs'>,
): Promise<{ job: JobRow; trial: TrialRow }[]> {
  const trials = new Map(tree.trials.map((trial) => [trial.id, trial]));
  const last = new Map<string, { job: JobRow; trial: TrialRow }>();
  for (const job of tree.jobs) {
    const trial = trials.get(job.trialId);
    if (trial === undefined || !isRequiredJob(job, trial)) continue;
    // The job belongs to an end that was stopped: the next end submits it anew.
    if (job.kind === 'test' && tree.campaign.testing === null) continue;
    const key = `${trial.id} ${job.kind}`;
    if ((last.get(key)?.job.attempt ?? 0) < job.attempt) last.set(key, { job, trial });
  }
  const open = [...last.values()].filter(
    ({ job, trial }) =>
      job.state === 'harvested' &&
      job.attempt < maxAttempts &&
      (job.kind === 'run' ? !isFinalTrial(trial.state) : trial.failure === null),
  );
  if (open.length === 0) return [];
  const tested = new Set(
    (await listSplitScores(db, campaignId))
      .filter(({ split }) => split === 'test')
      .map(({ trialId }) => trialId),
  );
  return open.filter(({ job, trial }) => job.kind === 'run' || !tested.has(trial.id));
}

function endOf({ clusterState, stop }: JobRow): string {
  if (stop !== null) return 'stood still and was stopped';
  switch (clusterState) {
    case 'timeout':
      return 'took longer than its ceiling';
    case 'lost':
      return 'was lost by the cluster';
    case 'succeeded':
      return 'left no answers that could be fetched';
    default:
      return 'was ended by the cluster';
  }
}
