import type { Failure } from '../../campaign/view.ts';
import type { EngineOutcome } from '../../executor/engine.ts';
import { learnFrom } from '../../executor/estimate-cost.ts';
import { probedText, unprobedText } from '../../report/thread-text.ts';
import { updateCalibration } from '../../store/calibrations.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { recordEvent } from '../../store/events.ts';
import type { JobRow } from '../../store/jobs.ts';
import { moveTrial, type TrialRow } from '../../store/trials.ts';
import type { Context } from '../context.ts';
import { calibrationNames } from '../plan/price-run.ts';
import { say, showProgress } from '../say.ts';

/** A probe that has ended, under the campaign's lock. */
export interface EndedProbe {
  campaign: CampaignRow;
  trial: TrialRow;
  job: JobRow;
}

const openStates: TrialRow['state'][] = ['planned', 'submitted', 'running'];

/** What its steps took corrects the price of every run of its kind. */
export async function keepProbe(
  ctx: Context,
  tx: DbOrTx,
  probe: EndedProbe,
  outcome: Extract<EngineOutcome, { ok: true }>,
  at: Date,
): Promise<void> {
  const { campaign, trial, job } = probe;
  const { pace } = outcome;
  const predicted = trial.predictedSeconds;
  if (pace === undefined || predicted === null) {
    const message = 'It did not say how long its steps took.';
    return endProbe(ctx, tx, probe, { code: 'internal', fault: 'ours', message, log: [] }, at);
  }
  const { trainLoss, generalLoss, baseGeneralLoss, tokensPerSecond } = outcome;
  const kept = { trainLoss, generalLoss, baseGeneralLoss, tokensPerSecond, weightsSha256: null };
  const values = { finishedAt: at, progress: 1, outcome: { ...kept, pace, runKey: job.key } };
  if (!(await moveTrial(tx, trial.id, openStates, 'scored', values))) return;
  await updateCalibration(
    tx,
    calibrationNames(ctx, trial.spec).step,
    (before) => learnFrom(before, predicted, pace.secondsPerStep),
    at,
  );
  await recordEvent(tx, {
    campaignId: campaign.id,
    name: 'probe.measured',
    actor: 'system',
    data: { job: job.key, ...pace, predictedSeconds: predicted },
    at,
  });
  const text = probedText(pace, predicted);
  await say(tx, campaign, { key: `probed:${job.key}`, payload: { kind: 'text', text }, at });
  await showProgress(tx, campaign, at);
}

/** It measured nothing: the search goes on with its estimate, and says so. */
export async function endProbe(
  ctx: Context,
  tx: DbOrTx,
  { campaign, trial, job }: EndedProbe,
  failure: Failure,
  at: Date,
): Promise<void> {
  const isWanted = job.cancelBecause === null;
  const state = isWanted ? 'failed' : 'withdrawn';
  if (!(await moveTrial(tx, trial.id, openStates, state, { failure, finishedAt: at })) || !isWanted) return;
  ctx.log.warn({ job: job.key, code: failure.code }, 'probe.failed');
  await say(tx, campaign, {
    key: `probed:${job.key}`,
    payload: { kind: 'text', text: unprobedText(failure) },
    at,
  });
  await showProgress(tx, campaign, at);
}
