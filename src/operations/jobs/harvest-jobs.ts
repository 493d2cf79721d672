import { costOf } from '../../campaign/cost.ts';
import type { Failure } from '../../campaign/failure.ts';
import { priceOf } from '../../campaign/price.ts';
import { isActiveCampaign, isFinalTrial, openTrialStates } from '../../campaign/states.ts';
import type { EngineOutcome, ReadRunFile } from '../../executor/engine.ts';
import { type Calibration, learnFrom } from '../../executor/estimate-cost.ts';
import { explainJobEnd } from '../../executor/explain-job-end.ts';
import { projectedEnd } from '../../executor/watch-run.ts';
import { asError, DataDamagedError, TrexError } from '../../lib/errors.ts';
import { nextAfter, stoppedText } from '../../report/sentences/failure.ts';
import { scoreOf } from '../../scoring/intervals.ts';
import { scorePredictions } from '../../scoring/metrics.ts';
import { updateCalibration } from '../../store/calibrations.ts';
import { type CampaignRow, getCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { type JobRow, listJobsInStates, moveJob } from '../../store/jobs.ts';
import { settle } from '../../store/ledger.ts';
import { getNode } from '../../store/nodes.ts';
import {
  getTrial,
  insertSplitResult,
  listTrialsOfNode,
  moveTrial,
  type TrialRow,
  updateTrial,
} from '../../store/trials.ts';
import { type ActiveChange, type Change, changeActiveCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { loadItems } from '../data/load-rows.ts';
import { holdForDamage } from '../hold-campaign.ts';
import { isRequiredJob } from '../launch/required-jobs.ts';
import { calibrationNames } from '../plan/price-run.ts';
import { say } from '../say.ts';
import { withdrawAlike } from './canary.ts';
import { endProbe, keepProbe } from './keep-probe.ts';
import { readWhole } from './read-whole.ts';
import { type EndedJob, repeatRun } from './repeat-run.ts';
import { isPlausible, sayImplausible, secondsToPay } from './run-time.ts';
import { splitOf } from './submit-jobs.ts';

/**
 * Reads the results of ended jobs, scores them here, settles their cost and releases the rest of the reservation.
 * Each job once.
 */
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
  await changeActiveCampaign(ctx, job.campaignId, async (change) => {
    const { tx, campaign, at } = change;
    const runSeconds = secondsToPay(job);
    if (!(await moveJob(tx, job.key, 'ended', 'harvested', { runSeconds }))) return;
    const spent = costOf(runSeconds, priceOf(ctx.settings, campaign));
    await sayImplausible(change, { trial, job });
    await settle(tx, job.key, spent, at);
    await recordChange(change, 'job.harvested', { job: job.key, ok: result.ok, seconds: runSeconds });
    await (result.ok
      ? keepResult(change, { trial, job }, result)
      : keepFailure(change, { trial, job }, result.failure));
  });
  return true;
}

/** The job failed: it is run again, or its trial ends with the failure. */
async function keepFailure(change: ActiveChange, ended: EndedJob, failure: Failure): Promise<void> {
  const { tx, campaign, at } = change;
  const { trial, job } = ended;
  await learnFromPace(change, ended, failure);
  const again = await repeatRun(change, ended, failure);
  await sayStopped(change, ended, { failure, again });
  if (again) return;
  if (job.kind === 'probe') return await endProbe(change, ended, failure);
  const state = finalStateOf(campaign, job);
  if (job.kind === 'test') {
    if (state === 'failed') await updateTrial(tx, trial.id, { failure });
    return;
  }
  await moveTrial(tx, trial.id, openTrialStates, state, { failure, finishedAt: at });
  if (state === 'failed') await withdrawAlike(tx, trial, failure, at);
}

/** The job gave its results: a trial is scored, an answer to the test rows is kept, a probe corrects prices. */
async function keepResult(
  change: Change,
  ended: EndedJob,
  { outcome, scored }: Extract<Harvest, { ok: true }>,
): Promise<void> {
  const { ctx, tx, at } = change;
  const { trial, job } = ended;
  if (scored === null) return await keepProbe(change, ended, outcome);
  await insertSplitResult(tx, { trialId: trial.id, ...scored });
  if (job.kind === 'test') return await keepStandardScores(tx, trial, outcome);
  await moveTrial(tx, trial.id, openTrialStates, 'scored', {
    finishedAt: at,
    progress: 1,
    outcome: {
      trainLoss: outcome.trainLoss,
      generalLoss: outcome.generalLoss,
      baseGeneralLoss: outcome.baseGeneralLoss,
      tokensPerSecond: outcome.tokensPerSecond,
      weightsSha256: outcome.weightsSha256,
      ...(outcome.pace === undefined ? {} : { pace: outcome.pace }),
      ...(outcome.answeredBy === undefined ? {} : { answeredBy: outcome.answeredBy }),
      ...priceOfStandardTasks(ctx, trial, outcome),
      runKey: job.key,
    },
  });
  if (isPlausible(job)) await learnSpeed(change, trial, job.runSeconds);
}

type Outcome = Extract<EngineOutcome, { ok: true }>;

async function keepStandardScores(tx: DbOrTx, trial: TrialRow, { standard }: Outcome): Promise<void> {
  if (standard === undefined || trial.outcome === null) return;
  await updateTrial(tx, trial.id, { outcome: { ...trial.outcome, standard: standard.scores } });
}

/** The baseline's run shows how many single tasks there are, and so how long the test will take. */
function priceOfStandardTasks(
  ctx: Context,
  trial: TrialRow,
  { standard }: Outcome,
): { standardSeconds?: number } {
  const seconds = standard && ctx.engine.standardSeconds?.(trial.spec, standard.tasks);
  return seconds === undefined ? {} : { standardSeconds: seconds };
}

/** A job that was stopped because the campaign ended did not fail: its trial is withdrawn. */
const finalStateOf = (campaign: CampaignRow, job: JobRow): 'failed' | 'withdrawn' =>
  job.cancelBecause !== null || !isActiveCampaign(campaign.state) ? 'withdrawn' : 'failed';

/** A run that was too slow for its ceiling has no measured end, but a pace: later estimates use it. */
async function learnFromPace(change: Change, { trial, job }: EndedJob, { code }: Failure): Promise<void> {
  if (job.kind === 'probe' || !isPlausible(job)) return;
  if (code !== 'over_ceiling' && code !== 'too_slow') return;
  const seconds = job.pulse === null ? null : projectedEnd(job.pulse);
  if (seconds === null) return;
  await learnSpeed(change, trial, Math.max(seconds, job.runSeconds));
}

/** Announces a run that was stopped early, unless the node's own message will. */
async function sayStopped(
  { ctx, tx, campaign, at }: Change,
  { trial, job }: EndedJob,
  { failure, again }: { failure: Failure; again: boolean },
): Promise<void> {
  const isOurs = job.stop !== null && failure.code === job.stop.code;
  if (job.submittedAt === null || !(isOurs || (again && !isRequiredJob(job, trial)))) return;
  if (finalStateOf(campaign, job) === 'withdrawn') return;
  const round = (await listTrialsOfNode(tx, trial.nodeId)).filter((t) => t.purpose === trial.purpose);
  if (!again && trial.purpose === 'search' && isReportedByNode(round, trial)) return;
  const { number } = await getNode(tx, trial.nodeId);
  const text = stoppedText({
    node: number,
    which: trial.purpose === 'confirm' ? 'a repeat' : round.length > 1 ? `trial ${trial.index + 1}` : null,
    failure,
    spent: costOf(secondsToPay(job), priceOf(ctx.settings, campaign)),
    returned: costOf(Math.max(0, job.limitSeconds - secondsToPay(job)), priceOf(ctx.settings, campaign)),
    next: again ? 'I run it once more.' : nextAfter(failure),
  });
  await say(tx, campaign, { key: `stopped:${job.key}`, payload: { kind: 'text', text }, at });
}

/** True when the node's own failure message will report this failure, so that the thread does not read it twice. */
const isReportedByNode = (round: TrialRow[], trial: TrialRow): boolean =>
  round.every(
    (t) =>
      t.id === trial.id ||
      (isFinalTrial(t.state) && t.state !== 'scored' && (t.failure === null || t.index > trial.index)),
  );

/** Learns the factor between the engine's prediction and the clock. */
async function learnSpeed({ ctx, tx, at }: Change, trial: TrialRow, seconds: number): Promise<void> {
  const { predictedSeconds } = trial;
  if (predictedSeconds === null || predictedSeconds <= 0) return;
  const fold = (before: Calibration): Calibration => learnFrom(before, predictedSeconds, seconds);
  const { own, wide } = calibrationNames(ctx, trial.spec);
  for (const name of [own, wide]) await updateCalibration(tx, name, fold, at);
}

type Harvest =
  | {
      ok: true;
      outcome: Outcome;
      /** Null: a probe, which answers nothing. */
      scored: Pick<Parameters<typeof insertSplitResult>[1], 'split' | 'score' | 'items'> | null;
    }
  | { ok: false; failure: Failure };

async function readResult(
  ctx: Context,
  campaign: CampaignRow,
  trial: TrialRow,
  job: JobRow,
): Promise<Harvest | 'unreachable'> {
  const read: ReadRunFile = (name) =>
    readWhole(ctx.cluster, job.key, name, name.endsWith('.log') ? longestLogBytes : undefined);
  try {
    const outcome = job.submittedAt === null ? null : await ctx.engine.readOutcome(read);
    if (outcome === null || !outcome.ok) {
      const own = outcome === null ? null : outcome.failure;
      return { ok: false, failure: await explainJobEnd({ job, own, read }) };
    }
    if (job.kind === 'probe') return { ok: true, outcome, scored: null };
    const split = splitOf(trial, job);
    const items = await loadItems(ctx, campaign, split);
    const scored = scorePredictions(trial.spec.metric, items, await ctx.engine.readPredictions(read, split));
    return { ok: true, outcome, scored: { split, score: scoreOf(trial.spec.metric, scored), items: scored } };
  } catch (error) {
    if (error instanceof DataDamagedError && isActiveCampaign(campaign.state)) {
      // Its answers stay where they are; they are scored once the rows are restored.
      await holdForDamage(ctx, campaign.id, error);
      return 'unreachable';
    }
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

/**
 * A cluster that is down for maintenance costs no run; results that stay away this long count as lost, and the run is
 * repeated.
 */
const unreachablePatienceMs = 3600_000;
/** Failures show early in a log, which may have gigabytes. */
const longestLogBytes = 8 * 1024 * 1024;
