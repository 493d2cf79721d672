import type { Brief } from '../../campaign/brief.ts';
import { isActiveCampaign } from '../../campaign/states.ts';
import type { Failure } from '../../campaign/view.ts';
import type { EngineOutcome, ReadRunFile } from '../../executor/engine.ts';
import { costOf, shareOfCeiling } from '../../executor/estimate-cost.ts';
import { explainJobEnd } from '../../executor/explain-job-end.ts';
import { asError, TrexError } from '../../lib/errors.ts';
import { scoreOf } from '../../scoring/intervals.ts';
import { scorePredictions } from '../../scoring/metrics.ts';
import { findCalibration, foldCalibration } from '../../store/calibrations.ts';
import { type CampaignRow, getCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { recordEvent } from '../../store/events.ts';
import { type JobRow, listJobsInStates, moveJob } from '../../store/jobs.ts';
import { budgetLeft, costByTrial, ledgerTotals, settle } from '../../store/ledger.ts';
import { getNode } from '../../store/nodes.ts';
import { getTrial, insertSplitResult, moveTrial, type TrialRow, updateTrial } from '../../store/trials.ts';
import type { Context } from '../context.ts';
import { launchJob } from '../tree/insert-node.ts';
import { loadItems } from '../tree/load-rows.ts';
import { calibrationName } from '../tree/plan-node.ts';
import { splitOf } from './submit-jobs.ts';

/** Reads what ended jobs left, scores it here, pays, and gives back the rest of the money held. Each job once. */
export async function harvestJobs({ ctx }: { ctx: Context }): Promise<string[]> {
  const touched = new Set<string>();
  for (const job of await listJobsInStates(ctx.db, ['ended'])) {
    if (await harvestJob(ctx, job)) touched.add(job.campaignId);
  }
  return [...touched];
}

/** @returns false when the cluster does not give its results now; the next pass asks again */
async function harvestJob(ctx: Context, job: JobRow): Promise<boolean> {
  const [campaign, trial] = await Promise.all([
    getCampaign(ctx.db, job.campaignId),
    getTrial(ctx.db, job.trialId),
  ]);
  const result = await readResult(ctx, campaign, trial, job);
  if (result === 'unreachable') return false;
  const at = ctx.clock.now();
  await ctx.db.transaction(async (tx) => {
    if (!(await moveJob(tx, job.key, 'ended', 'harvested'))) return;
    const spent = costOf(job.runSeconds, ctx.settings.usdPerHour);
    await settle(tx, job.key, spent, at);
    await recordEvent(tx, {
      campaignId: campaign.id,
      name: 'job.harvested',
      actor: 'system',
      data: { job: job.key, ok: result.ok, seconds: job.runSeconds },
      at,
    });
    if (!result.ok) {
      if (await tryAgain(ctx, tx, campaign, trial, job, result.failure)) return;
      if (job.kind === 'test') await updateTrial(tx, trial.id, { failure: result.failure });
      else
        await moveTrial(tx, trial.id, openStates, finalStateOf(campaign, job), {
          failure: result.failure,
          finishedAt: at,
        });
      return;
    }
    await insertSplitResult(tx, { trialId: trial.id, ...result.scored });
    const { outcome } = result;
    if (job.kind === 'test') {
      await keepStandardScores(tx, trial, outcome);
      return;
    }
    await moveTrial(tx, trial.id, openStates, 'scored', {
      finishedAt: at,
      progress: 1,
      outcome: {
        trainLoss: outcome.trainLoss,
        generalLoss: outcome.generalLoss,
        baseGeneralLoss: outcome.baseGeneralLoss,
        tokensPerSecond: outcome.tokensPerSecond,
        weightsSha256: outcome.weightsSha256,
        ...(outcome.answeredBy === undefined ? {} : { answeredBy: outcome.answeredBy }),
        ...priceOfStandardTasks(ctx, trial, outcome),
        runKey: job.key,
      },
    });
    if (trial.expectedSeconds > 0 && trial.purpose === 'search') {
      await learnSpeed(ctx, tx, trial, job.runSeconds, at);
    }
  });
  return true;
}

type Outcome = Extract<EngineOutcome, { ok: true }>;

async function keepStandardScores(tx: DbOrTx, trial: TrialRow, { standard }: Outcome): Promise<void> {
  if (standard === undefined || trial.outcome === null) return;
  await updateTrial(tx, trial.id, { outcome: { ...trial.outcome, standard: standard.scores } });
}

/** What the baseline tried tells how many single tasks there are, and so what the test will take. */
function priceOfStandardTasks(
  ctx: Context,
  trial: TrialRow,
  { standard }: Outcome,
): { standardSeconds?: number } {
  const seconds = standard && ctx.engine.standardSeconds?.(trial.spec, standard.tasks);
  return seconds === undefined ? {} : { standardSeconds: seconds };
}

/** Ends that say nothing about the run itself. */
const notItsFault = new Set(['killed', 'lost', 'over_ceiling']);
const maxAttempts = 3;

/**
 * What the cluster lost runs again under a new key. The baseline and the test answers also survive being killed or
 * stopped for slowness, with twice the ceiling: without them there is no campaign. A killed training run does not:
 * its round fails with the reason, and the search goes on.
 */
async function tryAgain(
  ctx: Context,
  tx: DbOrTx,
  campaign: CampaignRow,
  trial: TrialRow,
  job: JobRow,
  failure: Failure,
): Promise<boolean> {
  const isNeeded = job.kind === 'test' || trial.spec.training === null;
  const isWorthIt = isNeeded ? notItsFault.has(failure.code) : failure.code === 'lost';
  if (!isWorthIt || job.attempt >= maxAttempts || !isActiveCampaign(campaign.state)) return false;
  const wanted = failure.code === 'over_ceiling' ? job.limitSeconds * 2 : job.limitSeconds;
  const seconds = isNeeded ? wanted : Math.min(wanted, await leftOfCeiling(tx, trial));
  // A repeat that would be stopped before its end is not worth its money.
  if (!isNeeded && seconds < trial.expectedSeconds) return false;
  const ceiling = costOf(seconds, ctx.settings.usdPerHour);
  const left = budgetLeft((campaign.brief as Brief).budget, await ledgerTotals(tx, campaign.id));
  if (shareOfCeiling(ceiling, ceiling, left) !== 1) return false;
  const { number } = await getNode(tx, trial.nodeId);
  await launchJob(ctx, tx, campaign, number, trial, job.kind, job.attempt + 1, ceiling);
  await recordEvent(tx, {
    campaignId: campaign.id,
    name: 'job.repeated',
    actor: 'system',
    data: { job: job.key, because: failure.code },
    at: ctx.clock.now(),
  });
  return true;
}

/** All attempts of a training run together stay below what was priced, and perhaps approved, for it. */
async function leftOfCeiling(tx: DbOrTx, trial: TrialRow): Promise<number> {
  const spent = (await costByTrial(tx, trial.campaignId)).get(trial.id)?.computeSeconds ?? 0;
  return Math.max(0, trial.ceilingSeconds - spent);
}

const openStates: TrialRow['state'][] = ['planned', 'submitted', 'running'];

/** A job that was stopped because the campaign ended did not fail: its trial is withdrawn. */
const finalStateOf = (campaign: CampaignRow, job: JobRow): 'failed' | 'withdrawn' =>
  job.cancelBecause !== null || !isActiveCampaign(campaign.state) ? 'withdrawn' : 'failed';

async function learnSpeed(
  ctx: Context,
  tx: DbOrTx,
  trial: TrialRow,
  measuredSeconds: number,
  at: Date,
): Promise<void> {
  const name = calibrationName(ctx, trial.spec);
  // The estimate already holds the factor of its day; what is learned is the engine's own prediction against the clock.
  const { factor } = await findCalibration(tx, name);
  const measured = Math.min(20, Math.max(0.05, (measuredSeconds / trial.expectedSeconds) * factor));
  await foldCalibration(tx, name, measured, at);
}

type Harvest =
  | {
      ok: true;
      outcome: Outcome;
      scored: Pick<Parameters<typeof insertSplitResult>[1], 'split' | 'score' | 'items'>;
    }
  | { ok: false; failure: Failure };

async function readResult(
  ctx: Context,
  campaign: CampaignRow,
  trial: TrialRow,
  job: JobRow,
): Promise<Harvest | 'unreachable'> {
  const read: ReadRunFile = (name) => readWhole(ctx, job.key, name);
  try {
    const outcome = job.submittedAt === null ? null : await ctx.engine.readOutcome(read);
    if (outcome === null || !outcome.ok) {
      const own = outcome === null ? null : outcome.failure;
      return { ok: false, failure: await explainJobEnd({ job, own, read }) };
    }
    const split = splitOf(trial, job);
    const items = await loadItems(ctx, campaign, split);
    const scored = scorePredictions(trial.spec.metric, items, await ctx.engine.readPredictions(read, split));
    return { ok: true, outcome, scored: { split, score: scoreOf(trial.spec.metric, scored), items: scored } };
  } catch (error) {
    if (error instanceof TrexError && (error.fault === 'cluster' || error.fault === 'provider')) {
      const waitedMs = ctx.clock.now().getTime() - (job.endedAt ?? job.createdAt).getTime();
      ctx.log.warn({ err: error, job: job.key, waitedMs }, 'job.results_out_of_reach');
      if (waitedMs < unreachablePatienceMs) return 'unreachable';
      const message = `Its results could not be fetched for an hour: ${error.message}`;
      return { ok: false, failure: { code: 'lost', fault: 'cluster', message, log: [] } };
    }
    ctx.log.error({ err: asError(error), job: job.key }, 'job.harvest_failed');
    const message = error instanceof TrexError ? error.message : 'Its results could not be read on my side.';
    return { ok: false, failure: { code: 'internal', fault: 'ours', message, log: [] } };
  }
}

/** A cluster that is down for maintenance costs no run; results that stay away this long are lost, and the run is repeated. */
const unreachablePatienceMs = 3600_000;
const sliceBytes = 4 * 1024 * 1024;

/** A whole file of a run, slice by slice; null when it is not there. */
async function readWhole(ctx: Context, key: string, name: string): Promise<string | null> {
  const parts: string[] = [];
  let offset = 0;
  for (;;) {
    const slice = await ctx.cluster.read(key, name, offset, sliceBytes);
    if (slice.size === 0 && offset === 0) return null;
    parts.push(slice.text);
    if (slice.nextOffset === offset || slice.nextOffset >= slice.size) return parts.join('');
    offset = slice.nextOffset;
  }
}
